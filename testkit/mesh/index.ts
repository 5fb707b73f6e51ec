/** A whole mesh for a test, driven by the commands as a user would: `weft up`, `weft run`, `weft apply`. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../folder/index.ts';
import { exchange } from '../http-client/index.ts';
import { TestProcess } from '../process/index.ts';
import { weftProgram } from '../program/index.ts';
import { START, until } from '../wait/index.ts';

export const WEFT = weftProgram();

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export function command(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  input?: string,
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.stdin.on('error', () => undefined);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}

export interface ProxyStatus {
  readonly name: string;
  readonly namespace: string;
  readonly engine: string;
  readonly connected: boolean;
  readonly state: string;
  /** RFC 3339; '': not known. */
  readonly certificateExpires: string;
}

export class TestMesh {
  readonly #folder = temporaryFolder();
  readonly #processes: TestProcess[] = [];
  readonly #program: string;
  readonly #environment: NodeJS.ProcessEnv;
  #up: TestProcess | undefined;
  #files = 0;

  /** With another program than the one under test, and with that in the environment of all its processes. */
  constructor(program = WEFT, environment: NodeJS.ProcessEnv = {}) {
    this.#program = program;
    this.#environment = environment;
  }

  /** The control plane's data folder. */
  get data(): string {
    return path.join(this.#folder.path, 'data');
  }

  get folder(): string {
    return this.#folder.path;
  }

  get env(): NodeJS.ProcessEnv {
    return { ...this.#environment, WEFT_DATA: this.data };
  }

  /** Starts the control plane and waits for its line. */
  async up(...args: readonly string[]): Promise<TestProcess> {
    const command = ['up', '--data', this.data, '--listen', '127.0.0.1:0', ...args];
    const up = new TestProcess(this.#program, command, { env: this.#environment });
    this.#up = up;
    await up.matching(/ready/);
    return up;
  }

  get controlPlane(): TestProcess {
    if (this.#up === undefined) throw new Error('the control plane was not started');
    return this.#up;
  }

  /** `weft ARGS...` against this mesh. */
  weft(...args: readonly string[]): Promise<CommandOutcome> {
    return command(this.#program, args, this.env);
  }

  /** Applies YAML text and expects it to be taken. */
  async apply(yaml: string, ...args: readonly string[]): Promise<CommandOutcome> {
    const outcome = await command(this.#program, ['apply', '-f', '-', ...args], this.env, yaml);
    if (outcome.code !== 0)
      throw new Error(`weft apply ended with ${outcome.code}: ${outcome.stderr}${outcome.stdout}`);
    return outcome;
  }

  /** A file in the mesh's folder. */
  file(text: string, name = `file-${(this.#files += 1)}.yaml`): string {
    const file = path.join(this.#folder.path, name);
    writeFileSync(file, text);
    return file;
  }

  /** `weft run ARGS...` in the background. */
  run(...args: readonly string[]): TestProcess {
    const running = new TestProcess(this.#program, ['run', ...args], { env: this.env });
    this.#processes.push(running);
    return running;
  }

  /** `weft gateway ARGS...` in the background. */
  gateway(...args: readonly string[]): TestProcess {
    const running = new TestProcess(this.#program, ['gateway', ...args], { env: this.env });
    this.#processes.push(running);
    return running;
  }

  async status(): Promise<readonly ProxyStatus[]> {
    const outcome = await this.weft('status', '-o', 'json');
    if (outcome.code !== 0 && outcome.stdout === '') throw new Error(outcome.stderr);
    return (JSON.parse(outcome.stdout) as { readonly proxies: readonly ProxyStatus[] }).proxies;
  }

  /** Waits until that many proxies are connected and synced. */
  async synced(count: number, timeout = START): Promise<void> {
    await until(
      async () => {
        for (const one of this.#processes)
          if (one.exit !== undefined) throw new Error(`${one.command} ended\n${one.stdout}\n${one.stderr}`);
        const synced = (await this.status()).filter(({ connected, state }) => connected && state === 'synced');
        return synced.length >= count;
      },
      { timeout, what: `${count} synced proxies` },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.output()}`, { cause: error });
    });
  }

  /** Waits until a GET on that port of loopback is answered with 200; a failure has the last answer and all output. */
  async answering(port: number): Promise<void> {
    let last = '';
    await until(
      async () => {
        const { status, body } = await exchange({ port });
        last = `${status} ${body.toString().slice(0, 200)}`;
        return status === 200;
      },
      { timeout: START, what: 'the first answer' },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${last}\n${this.output()}`, { cause: error });
    });
  }

  /** Everything that the mesh's processes printed, for a failure's message. */
  output(): string {
    return [this.#up, ...this.#processes]
      .map((one) => (one === undefined ? '' : `--- ${one.command}\n${one.stdout}${one.stderr}`))
      .join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((one) => one.stop()));
    await this.#up?.stop();
    this.#folder[Symbol.dispose]();
  }
}
