/** The processes of a soak: a control plane, instances and clients, each with a role that outlives its restarts. By the commands only. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '@weft/testkit/folder';
import { command, type CommandOutcome, type ProxyStatus, WEFT } from '@weft/testkit/mesh';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';

export const CONTROL_PLANE = 'control plane';

export class Fleet {
  readonly #folder = temporaryFolder('soak-');
  readonly #roles = new Map<string, { process: TestProcess; readonly args: readonly string[] }>();
  /** All that each role printed in its earlier lives. */
  readonly #printed = new Map<string, string>();
  readonly #env: NodeJS.ProcessEnv;
  readonly probes: string;
  readonly data: string;

  constructor() {
    this.probes = path.join(this.#folder.path, 'probes');
    this.data = path.join(this.#folder.path, 'data');
    mkdirSync(this.probes);
    this.#env = { WEFT_DATA: this.data };
  }

  async #start(role: string, args: readonly string[]): Promise<void> {
    const env = {
      ...this.#env,
      SOAK_PROBE: this.probes,
      NODE_OPTIONS: `--import ${path.join(import.meta.dirname, 'probe.mjs')}`,
    };
    const process = new TestProcess(WEFT, args, { env });
    this.#roles.set(role, { process, args });
    await process.matching(role === CONTROL_PLANE ? /is ready/ : /\bready\b/, 30_000);
  }

  up(): Promise<void> {
    return this.#start(CONTROL_PLANE, ['up', '--listen', '127.0.0.1:0']);
  }

  /** `weft run ARGS...` until it says that it is ready. */
  run(role: string, args: readonly string[]): Promise<void> {
    return this.#start(role, ['run', ...args]);
  }

  /** Starts a role again as it was started. */
  again(role: string): Promise<void> {
    return this.#start(role, this.#of(role).args);
  }

  #of(role: string): { process: TestProcess; readonly args: readonly string[] } {
    const found = this.#roles.get(role);
    if (found === undefined) throw new Error(`no ${role} was started`);
    return found;
  }

  /** Gracefully; a process that has to be killed is an error. */
  async stop(role: string, patience = 25_000): Promise<void> {
    const { process } = this.#of(role);
    await process.stop(patience);
    this.#keep(role, process);
    if (process.exit?.signal === 'SIGKILL') throw new Error(`${role} did not end within ${patience} ms of SIGTERM`);
  }

  async kill(role: string): Promise<void> {
    const { process } = this.#of(role);
    process.signal('SIGKILL');
    await process.ended();
    this.#keep(role, process);
  }

  #keep(role: string, process: TestProcess): void {
    this.#printed.set(role, `${this.#printed.get(role) ?? ''}${process.stdout}${process.stderr}`);
  }

  /** Roles with the process id of each that runs. */
  running(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#roles]
        .filter(([, { process }]) => process.exit === undefined)
        .map(([role, { process }]) => [role, process.pid]),
    );
  }

  /** What ended though nobody ended it. */
  ended(): string[] {
    return [...this.#roles].flatMap(([role, { process }]) =>
      process.exit === undefined ? [] : [`${role} ended: ${JSON.stringify(process.exit)}`],
    );
  }

  weft(...args: readonly string[]): Promise<CommandOutcome> {
    return command(WEFT, args, this.#env);
  }

  async apply(yaml: string): Promise<void> {
    const { code, stderr, stdout } = await command(WEFT, ['apply', '-f', '-'], this.#env, yaml);
    if (code !== 0) throw new Error(`weft apply ended with ${code}: ${stderr}${stdout}`);
  }

  async proxies(): Promise<readonly ProxyStatus[]> {
    const { stdout, stderr } = await this.weft('status', '-o', 'json');
    if (stdout === '') throw new Error(stderr);
    return (JSON.parse(stdout) as { readonly proxies: readonly ProxyStatus[] }).proxies;
  }

  /** Until as many proxies as there are workloads are connected and synced. */
  async synced(timeout = 20_000): Promise<void> {
    const count = this.#roles.size - 1;
    let last = '';
    await until(
      async () => {
        const proxies = await this.proxies();
        last = proxies.map(({ name, connected, state }) => `${name} ${connected ? state : 'away'}`).join(', ');
        return proxies.filter(({ connected, state }) => connected && state === 'synced').length >= count;
      },
      { timeout, what: `${count} synced proxies` },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last}`, { cause: error });
    });
  }

  /** Writes what each role printed to a folder. */
  writeOutput(folder: string): void {
    mkdirSync(folder, { recursive: true });
    for (const [role, { process }] of this.#roles) {
      const earlier = process.exit === undefined ? (this.#printed.get(role) ?? '') : '';
      const text =
        process.exit === undefined ? `${earlier}${process.stdout}${process.stderr}` : this.#printed.get(role);
      writeFileSync(
        path.join(folder, `${role.replaceAll(' ', '-')}.log`),
        text ?? `${process.stdout}${process.stderr}`,
      );
    }
  }

  /** What a role's probe wrote last. */
  probe(
    pid: number,
  ): { readonly heap: number; readonly timers: number; readonly resources: number; readonly took: number } | undefined {
    const file = path.join(this.probes, String(pid));
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const up = this.#roles.get(CONTROL_PLANE);
    await Promise.all([...this.#roles.values()].filter((one) => one !== up).map(({ process }) => process.stop(15_000)));
    await up?.process.stop();
    this.#folder[Symbol.dispose]();
  }
}
