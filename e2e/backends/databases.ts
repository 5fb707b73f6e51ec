/** PostgreSQL and Redis as they come from the distribution, on loopback, with a folder of their own. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { TestProcess } from '@weft/testkit/process';
import { toolPath } from '@weft/testkit/tools';
import { until } from '@weft/testkit/wait';
import { command } from '@weft/testkit/mesh';

/** PostgreSQL refuses to run as root: then it runs as the user that its package made. */
function unprivileged(): { readonly prefix: readonly string[]; readonly uid: string } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return { prefix: ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'], uid: 'postgres' };
}

export async function startPostgres(folder: string, port: number): Promise<TestProcess> {
  const data = path.join(folder, 'pg');
  const user = unprivileged();
  const [first = toolPath('initdb'), ...prefix] = user?.prefix ?? [];
  mkdirSync(data, { mode: 0o700 });
  chmodSync(folder, 0o755);
  if (user !== undefined) execFileSync('chown', [user.uid, data]);
  const initdb = [
    toolPath('initdb'),
    '-D',
    data,
    '-U',
    'postgres',
    '--auth=trust',
    '--no-sync',
    '-E',
    'UTF8',
    '--locale=C',
  ];
  execFileSync(
    user === undefined ? toolPath('initdb') : first,
    user === undefined ? initdb.slice(1) : [...prefix, ...initdb],
    { stdio: 'ignore' },
  );
  appendFileSync(
    path.join(data, 'postgresql.conf'),
    "fsync = off\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n",
  );
  const serve = [toolPath('postgres'), '-D', data, '-p', String(port)];
  const server = new TestProcess(
    user === undefined ? toolPath('postgres') : first,
    user === undefined ? serve.slice(1) : [...prefix, ...serve],
  );
  await server.matching(/ready to accept connections/);
  return server;
}

export async function startRedis(port: number): Promise<TestProcess> {
  const server = new TestProcess(toolPath('redis-server'), [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  await until(
    async () => (await command(toolPath('redis-cli'), ['-p', String(port), 'ping'])).stdout.includes('PONG'),
    { what: 'redis' },
  );
  return server;
}
