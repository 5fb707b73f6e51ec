/** The shop's processes: a control plane and a `weft run` for every service. Only the commands of Weft are used. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const here = import.meta.dirname;
const root = path.resolve(here, '../../..');
const WEFT = path.join(root, 'apps/weft/bin/weft');

export interface Member {
  readonly name: string;
  readonly process: ChildProcess;
  readonly admin: string;
  output: string;
}

interface Service {
  readonly name: string;
  readonly script?: string;
  readonly version?: string;
  readonly protocol?: string;
  /** Upstream service to the variable that the service reads, and the form of its value. */
  readonly upstreams?: readonly (readonly [service: string, variable: string, form: (port: number) => string])[];
}

const url = (port: number): string => `http://127.0.0.1:${port}`;
const hostPort = (port: number): string => `127.0.0.1:${port}`;
const ORDERS: Omit<Service, 'name' | 'version'> = {
  script: 'orders.mjs',
  upstreams: [
    ['payments', 'PAYMENTS_URL', url],
    ['inventory', 'INVENTORY_ADDRESS', hostPort],
  ],
};

export const SERVICES: readonly Service[] = [
  { name: 'ledger', script: 'ledger.mjs', protocol: 'tcp' },
  { name: 'inventory', script: 'inventory.mjs', protocol: 'grpc' },
  { name: 'payments', script: 'payments.mjs', upstreams: [['ledger', 'LEDGER_ADDRESS', hostPort]] },
  { name: 'orders', version: 'v1', ...ORDERS },
  { name: 'orders', version: 'v1', ...ORDERS },
  { name: 'orders', version: 'v2', ...ORDERS },
  { name: 'web', script: 'web.mjs', upstreams: [['orders', 'ORDERS_URL', url]] },
];

export class Shop {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'weft-demo-'));
  readonly members: Member[] = [];
  #control: ChildProcess | undefined;
  #controlOutput = '';
  /** Where visitors enter: a loopback port that the visitor's proxy forwards to web. */
  visitorPort = 0;
  strangerPort = 0;

  /** The file that the user edits; the control plane watches it. */
  get meshFile(): string {
    return path.join(this.folder, 'mesh.yaml');
  }

  /** What shows this mesh in a browser. */
  get dashboardCommand(): string {
    return `WEFT_DATA=${path.join(this.folder, 'data')} ${path.relative(process.cwd(), WEFT)} dashboard`;
  }

  get env(): NodeJS.ProcessEnv {
    return { ...process.env, WEFT_DATA: path.join(this.folder, 'data') };
  }

  async startControlPlane(): Promise<void> {
    copyFileSync(path.join(here, '../mesh.yaml'), this.meshFile);
    this.#control = spawn(WEFT, ['up', '--listen', '127.0.0.1:0', '--apply', this.meshFile], {
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const hear = (text: Buffer): void => {
      this.#controlOutput += text.toString();
    };
    this.#control.stdout?.on('data', hear);
    this.#control.stderr?.on('data', hear);
    await waitFor(
      'the control plane',
      () => /ready/.test(this.#controlOutput),
      () => this.#controlOutput,
    );
  }

  async startServices(): Promise<void> {
    for (const service of SERVICES) await this.#startService(service);
    this.visitorPort = await freePort();
    this.#run('visitor', ['--name', 'visitor', '--no-service', '--upstream', `web=${this.visitorPort}`], {});
    this.strangerPort = await freePort();
    this.#run('stranger', ['--name', 'stranger', '--no-service', '--upstream', `orders=${this.strangerPort}`], {});
  }

  /** Whether the control plane has told every proxy what it is to know: from then on nobody is called who is not known yet. */
  async joined(): Promise<boolean> {
    const text = await new Promise<string>((resolve) => {
      execFile(WEFT, ['status', '-o', 'json'], { env: this.env }, (_, stdout) => resolve(stdout));
    });
    if (text === '') return false;
    const { proxies } = JSON.parse(text) as { readonly proxies: readonly { connected: boolean; state: string }[] };
    return proxies.filter(({ connected, state }) => connected && state === 'synced').length >= this.members.length;
  }

  async #startService({ name, script = '', version, protocol = 'http', upstreams = [] }: Service): Promise<void> {
    const port = await freePort();
    const env: Record<string, string> = { PORT: String(port), ...(version === undefined ? {} : { VERSION: version }) };
    const args = ['--name', name, '--port', `${port}/${protocol}`];
    if (version !== undefined) args.push('--version', version);
    for (const [service, variable, form] of upstreams) {
      const local = await freePort();
      args.push('--upstream', `${service}=${local}`);
      env[variable] = form(local);
    }
    this.#run(
      name + (version === undefined ? '' : `-${version}`),
      [...args, '--', process.execPath, path.join(here, '../services', script)],
      env,
    );
  }

  #run(name: string, args: readonly string[], env: Readonly<Record<string, string>>): void {
    const number = this.members.length;
    const admins = path.join(this.folder, 'admin');
    mkdirSync(admins, { recursive: true, mode: 0o700 });
    const admin = path.join(admins, `${number}.sock`);
    const child = spawn(WEFT, ['run', '--namespace', 'shop', '--admin', admin, ...args], {
      env: { ...this.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const member: Member = { name, process: child, admin, output: '' };
    const hear = (text: Buffer): void => {
      member.output += text.toString();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    this.members.push(member);
  }

  /** Everything that was printed, for the explanation of a failure. */
  output(): string {
    return [
      `--- control plane\n${this.#controlOutput}`,
      ...this.members.map(({ name, output }) => `--- ${name}\n${output}`),
    ].join('\n');
  }

  async stop(): Promise<void> {
    const all = [...this.members.map((member) => member.process), this.#control].filter((one) => one !== undefined);
    await Promise.all(
      all.map(
        (one) =>
          new Promise<void>((resolve) => {
            if (one.exitCode !== null || one.signalCode !== null) return resolve();
            const timer = setTimeout(() => one.kill('SIGKILL'), 8000);
            one.once('exit', () => {
              clearTimeout(timer);
              resolve();
            });
            one.kill('SIGTERM');
          }),
      ),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const given = new Set<number>();

/** Free on loopback, each once, and below 32768, where Linux begins to take source ports from: nobody takes it before its use. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 20_000);
    if (given.has(port)) continue;
    given.add(port);
    if (await canListen(port)) return port;
  }
}

const canListen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = net.createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });

/** Asks until it holds, at most `timeout` ms. */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  why: () => string = () => '',
  timeout = 60_000,
): Promise<void> {
  const end = Date.now() + timeout;
  for (;;) {
    if (await holds()) return;
    if (Date.now() > end) throw new Error(`${what}: not within ${timeout / 1000} s\n${why()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
