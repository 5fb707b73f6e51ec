/** Processes under test: started with captured output, waited for by a line they print, ended by id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { START, until } from '../wait/index.ts';

export interface ProcessOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

export class TestProcess {
  readonly child: ChildProcess;
  readonly command: string;
  #stdout = '';
  #stderr = '';
  #exit: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;

  constructor(command: string, args: readonly string[], options: ProcessOptions = {}) {
    this.command = [command, ...args].join(' ');
    this.child = spawn(command, args, {
      ...options,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.child.on('error', (error) => {
      this.#stderr += error.message;
      this.#exit ??= { code: 127, signal: null };
    });
    this.child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** undefined while it runs. */
  get exit(): { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined {
    return this.#exit;
  }

  /** Waits until standard output or error matches; fails with all output when the process ends first or time is up. */
  async matching(pattern: RegExp, timeout = START): Promise<RegExpExecArray> {
    const found = await until(
      () =>
        pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr) ?? (this.#exit === undefined ? undefined : 'ended'),
      {
        timeout,
        what: `${pattern} from ${this.command}`,
      },
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#stdout}\n${this.#stderr}`);
    });
    if (found === 'ended')
      throw new Error(
        `${this.command} ended (${JSON.stringify(this.#exit)}) before ${pattern}\n${this.#stdout}\n${this.#stderr}`,
      );
    return found;
  }

  async ended(timeout = START): Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }> {
    return until(() => this.#exit, { timeout, what: `the end of ${this.command}` });
  }

  signal(name: NodeJS.Signals): void {
    if (this.#exit === undefined) this.child.kill(name);
  }

  /** TERM, then KILL after `patience` ms; resolves when it is gone. */
  async stop(patience = 8000): Promise<void> {
    if (this.#exit !== undefined) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), patience);
    await gone;
    clearTimeout(timer);
  }
}
