/** The servers whose reading is compared: nginx, HAProxy and Envoy in front of a recorder each, and Node's own. Those that are absent are left out. */
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { freePort } from '../ports/index.ts';
import { TestProcess } from '../process/index.ts';
import { tool, toolPath } from '../tools/index.ts';
import { START, until } from '../wait/index.ts';
import { type RunningServer, startNode, startNodeHttp2, startRecorder } from './recorder.ts';
import type { Memory } from './seen.ts';

export const BACKENDS = ['node', 'nginx', 'haproxy', 'envoy'] as const;
export type BackendName = (typeof BACKENDS)[number];

export interface Backend {
  readonly name: BackendName;
  readonly port: number;
  /** Where it takes HTTP/2 with prior knowledge. */
  readonly http2Port: number;
  stop(): Promise<void>;
}

export const presentBackends = (): BackendName[] =>
  BACKENDS.filter((name) => name === 'node' || tool(name) !== undefined);

type Starter = (home: string, ports: readonly [http1: number, http2: number], upstream: number) => TestProcess;

const STARTERS: Readonly<Record<Exclude<BackendName, 'node'>, Starter>> = {
  nginx(home, [port, http2], upstream) {
    const user = process.getuid?.() === 0 ? 'user root; ' : '';
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (kind) => `${kind}_temp_path ${home}/${kind};`,
    );
    const file = path.join(home, 'nginx.conf');
    writeFileSync(
      file,
      `${user}worker_processes 1; daemon off; pid ${home}/pid; error_log ${home}/error.log crit;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; client_body_timeout 1h; client_header_timeout 1h; ${temporary.join(' ')}
  underscores_in_headers on; ignore_invalid_headers off; large_client_header_buffers 8 128k; client_header_buffer_size 128k; client_max_body_size 0;
  merge_slashes off;
  upstream recorder { server 127.0.0.1:${upstream}; keepalive 256; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096; listen 127.0.0.1:${http2} http2 backlog=4096;
    proxy_ignore_headers X-Accel-Redirect X-Accel-Expires X-Accel-Limit-Rate X-Accel-Buffering X-Accel-Charset; proxy_pass_header X-Accel-Redirect;
    proxy_next_upstream off; proxy_redirect off;
    location / { proxy_pass http://recorder; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host; proxy_buffer_size 64k; proxy_buffers 8 64k; }
  }
}
`,
    );
    return new TestProcess(toolPath('nginx'), ['-c', file, '-p', home]);
  },
  haproxy(home, [port, http2], upstream) {
    const file = path.join(home, 'haproxy.cfg');
    writeFileSync(
      file,
      `global
  nbthread 1
  maxconn 8000
  tune.bufsize 131072
  tune.http.maxhdr 300
defaults
  mode http
  timeout client 1h
  timeout server 1h
  timeout connect 5s
  http-reuse always
frontend ring
  bind 127.0.0.1:${port}
  bind 127.0.0.1:${http2} proto h2
  default_backend recorder
backend recorder
  server recorder 127.0.0.1:${upstream}
`,
    );
    return new TestProcess(toolPath('haproxy'), ['-db', '-f', file]);
  },
  envoy(home, [port, http2], upstream) {
    const type = 'type.googleapis.com/envoy.extensions.';
    const file = path.join(home, 'envoy.json');
    const address = (value: number): unknown => ({ socket_address: { address: '127.0.0.1', port_value: value } });
    const manager = {
      '@type': `${type}filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: 'ring',
      generate_request_id: false,
      delayed_close_timeout: '0.05s',
      max_request_headers_kb: 120,
      http_protocol_options: { enable_trailers: true },
      common_http_protocol_options: { max_headers_count: 200 },
      http_filters: [
        {
          name: 'envoy.filters.http.router',
          typed_config: { '@type': `${type}filters.http.router.v3.Router`, suppress_envoy_headers: true },
        },
      ],
      route_config: {
        virtual_hosts: [
          { name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, route: { cluster: 'recorder' } }] },
        ],
      },
    };
    const endpoints = [{ lb_endpoints: [{ endpoint: { address: address(upstream) } }] }];
    writeFileSync(
      file,
      JSON.stringify({
        static_resources: {
          listeners: [port, http2].map((one) => ({
            name: `ring-${one}`,
            address: address(one),
            filter_chains: [
              { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
            ],
          })),
          clusters: [{ name: 'recorder', type: 'STATIC', load_assignment: { cluster_name: 'recorder', endpoints } }],
        },
      }),
    );
    return new TestProcess(toolPath('envoy'), [
      '-c',
      file,
      '--use-dynamic-base-id',
      '--concurrency',
      '1',
      '-l',
      'error',
    ]);
  },
};

/** One of them in front of a port. */
export interface RunningProxy extends RunningServer {
  readonly http2Port: number;
}

export async function startProxy(
  name: Exclude<BackendName, 'node'>,
  folder: string,
  upstream: number,
): Promise<RunningProxy> {
  const home = path.join(folder, name);
  mkdirSync(home, { recursive: true });
  const [port, http2Port] = [await freePort(), await freePort()];
  const running = STARTERS[name](home, [port, http2Port], upstream);
  const stop = (): Promise<void> => running.stop();
  try {
    await until(() => running.exit !== undefined || accepts(port), { timeout: START, what: `${name} accepting` });
    if (running.exit !== undefined) throw new Error(`${running.command} ended\n${running.stdout}\n${running.stderr}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, http2Port, stop };
}

export async function startBackend(
  name: BackendName,
  folder: string,
  memory: Memory,
  fault: (text: string) => void,
): Promise<Backend> {
  if (name === 'node') {
    const [http1, http2] = [await startNode(memory), await startNodeHttp2(memory)];
    const stop = async (): Promise<void> => void (await Promise.all([http1.stop(), http2.stop()]));
    return { name, port: http1.port, http2Port: http2.port, stop };
  }
  const recorder = await startRecorder(memory, (text) => fault(`${name} forwarded no strict HTTP: ${text}`));
  try {
    const proxy = await startProxy(name, folder, recorder.port);
    const stop = async (): Promise<void> => {
      await proxy.stop();
      await recorder.stop();
    };
    return { name, ...proxy, stop };
  } catch (error) {
    await recorder.stop();
    throw error;
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
