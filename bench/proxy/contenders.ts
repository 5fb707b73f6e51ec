/** Who is measured: the same Envoy bootstrap on our engine and on Envoy, nginx beside them as a yardstick. All pinned to one core. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { engineCommand } from '@weft/testkit/cases';
import { exchange } from '@weft/testkit/http-client';
import { TestProcess } from '@weft/testkit/process';
import { tool, toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';

export type Contender = 'weft' | 'envoy' | 'nginx';

/** Core of the proxy under test, and core of load and backend. */
export const PROXY_CORE = '0';
export const LOAD_CORE = '1';

const pinned = (core: string, command: readonly string[]): [string, string[]] => ['taskset', ['-c', core, ...command]];

export const pinnedProcess = (core: string, command: readonly string[]): TestProcess => {
  const [file, args] = pinned(core, command);
  return new TestProcess(file, args);
};

/** An nginx that answers 1 kB from memory, on the load's core. */
export async function startBackend(folder: string, port: number): Promise<TestProcess> {
  const body = 'x'.repeat(1000);
  const server = `server { listen 127.0.0.1:${port} backlog=4096; location / { default_type text/plain; return 200 '${body}'; } }`;
  return startNginx(folder, 'backend', server, LOAD_CORE, port);
}

export async function startNginxProxy(folder: string, port: number, backend: number): Promise<TestProcess> {
  const server = `upstream up { server 127.0.0.1:${backend}; keepalive 128; }
  server { listen 127.0.0.1:${port} backlog=4096; location /api/ { proxy_http_version 1.1; proxy_set_header Connection ""; proxy_pass http://up; } }`;
  return startNginx(folder, 'proxy', server, PROXY_CORE, port);
}

async function startNginx(
  folder: string,
  name: string,
  server: string,
  core: string,
  port: number,
): Promise<TestProcess> {
  const home = path.join(folder, name);
  mkdirSync(home, { recursive: true });
  const file = path.join(home, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${home}/${kind};`)
    .join(' ');
  writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${home}/pid; error_log ${home}/error.log;
events { worker_connections 8192; }
http { access_log off; keepalive_requests 1000000000; ${temporary} ${server} }
`,
  );
  const running = pinnedProcess(core, [toolPath('nginx'), '-c', file, '-p', home]);
  await until(async () => (await exchange({ port }, { path: '/api/x' })).status === 200, { what: `nginx ${name}` });
  return running;
}

export async function startEngine(
  engine: 'weft' | 'envoy',
  folder: string,
  bootstrap: object,
  port: number,
): Promise<TestProcess> {
  const file = path.join(folder, `${engine}-${port}.json`);
  writeFileSync(file, JSON.stringify(bootstrap));
  const running = pinnedProcess(PROXY_CORE, engineCommand(engine, file));
  await until(async () => (await exchange({ port }, { path: '/api/x' })).status === 200, {
    what: `${engine} ready`,
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${running.stdout}\n${running.stderr}`);
  });
  return running;
}

export const available = (contender: Contender): boolean => contender === 'weft' || tool(contender) !== undefined;
