/** Who is measured: the same Envoy bootstrap on our engine and on Envoy, nginx and HAProxy beside them. All pinned to one core. */
import { mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { engineCommand } from '@weft/testkit/cases';
import { TestProcess } from '@weft/testkit/process';
import { toolPath } from '@weft/testkit/tools';

export type Contender = 'weft' | 'envoy' | 'nginx' | 'haproxy';
export const ENGINES = ['weft', 'envoy'] as const;

/** Core of the proxy under test, and core of load and backend. */
export const PROXY_CORE = '0';
export const LOAD_CORE = '1';

export const pinnedProcess = (core: string, command: readonly string[]): TestProcess =>
  new TestProcess('taskset', ['-c', core, ...command]);

/** With more threads than one, on both cores: load and backend share them. */
export const launchEngine = (engine: 'weft' | 'envoy', file: string, concurrency = 1): TestProcess =>
  pinnedProcess(
    concurrency === 1 ? PROXY_CORE : `${PROXY_CORE},${LOAD_CORE}`,
    engineCommand(engine, file, { concurrency }),
  );

/** Started by root, nginx's worker would be somebody who may not read the folder. */
const AS_ROOT = process.getuid?.() === 0 ? 'user root; ' : '';

/** One worker with that `server` block; `home` is made. */
export function startNginx(home: string, core: string, server: string): TestProcess {
  mkdirSync(home, { recursive: true });
  const file = path.join(home, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${home}/${kind};`)
    .join(' ');
  writeFileSync(
    file,
    `${AS_ROOT}worker_processes 1; daemon off; pid ${home}/pid; error_log ${home}/error.log;
events { worker_connections 16384; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 1h; ${temporary} ${server} }
`,
  );
  return pinnedProcess(core, [toolPath('nginx'), '-c', file, '-p', home]);
}

export function startHaproxy(home: string, port: number, backend: number): TestProcess {
  mkdirSync(home, { recursive: true });
  const file = path.join(home, 'haproxy.cfg');
  writeFileSync(
    file,
    `global
  nbthread 1
  maxconn 8000
defaults
  mode http
  timeout client 1h
  timeout server 1h
  timeout connect 5s
  http-reuse always
frontend bench
  bind 127.0.0.1:${port}
  acl api path_beg /api/
  use_backend main if api
backend main
  server main 127.0.0.1:${backend}
`,
  );
  return pinnedProcess(PROXY_CORE, [toolPath('haproxy'), '-db', '-f', file]);
}

/** Resolves, within 2 ms of it, when the port accepts connections; fails with all output when the process ends first. */
export async function accepting(port: number, running: TestProcess, timeout = 15_000): Promise<void> {
  const end = performance.now() + timeout;
  while (!(await accepts(port))) {
    if (running.exit !== undefined || performance.now() > end)
      throw new Error(`${running.command} does not accept on ${port}\n${running.stdout}\n${running.stderr}`);
    await pause(2);
  }
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
