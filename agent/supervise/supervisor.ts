/**
 * Owns the child of `weft run`: starts it, passes signals on, reports how it ended, and takes it along when this process dies, even by
 * kill -9. For that a shell starts a watcher that reads from a pipe held open by us, then becomes the command (same process id, group and
 * terminal). The watcher is told when the child ended by itself, so it never signals a process id that is somebody else's by then.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import os from 'node:os';
import type { Duplex } from 'node:stream';
import { findCommand } from './command.ts';
import { withoutSecrets } from './environment.ts';

export interface Exit {
  /** As a shell tells it: the code, 128 + signal, 126 or 127 when it could not be started. */
  readonly code: number;
  readonly signal: NodeJS.Signals | undefined;
  /** Why it could not be started. */
  readonly message?: string;
}

/** Where signals come from: the process, or a test. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export interface SupervisorOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Tokens of ours in it do not reach the command. */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  readonly signals: SignalSource;
  /** Whether standard input is a terminal: it sends INT, QUIT and WINCH to the child itself. */
  readonly terminal: boolean;
  /**
   * Called on the first TERM or INT, before it is passed on: the time to drain. When it resolves the signal goes to the child; a second
   * one goes at once.
   */
  readonly onTerminate?: (signal: NodeJS.Signals) => Promise<void>;
}

/** Passed on as they come. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];
/** Passed on unless the terminal does. */
const TERMINAL: readonly NodeJS.Signals[] = ['SIGQUIT', 'SIGWINCH'];

/** End of file on descriptor 3 without a line means that we died: TERM, and KILL when 10 seconds did not suffice. */
const WATCHED = [
  '( ( read -r x <&3 || { kill -TERM $$; n=0; while kill -0 $$ && [ $n -lt 10 ]; do sleep 1; n=$((n+1)); done; kill -KILL $$; } )',
  '>/dev/null 2>&1 & ); exec 3<&-; exec "$@"',
].join(' ');

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #exit = Promise.withResolvers<Exit>();
  readonly #listeners: [NodeJS.Signals, () => void][] = [];
  #child: ChildProcess | undefined;
  #terminating = false;
  #over = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** How the command ended. Never rejects. */
  get exit(): Promise<Exit> {
    return this.#exit.promise;
  }

  /** undefined before the start, after the end, and when it could not be started. */
  get pid(): number | undefined {
    return this.#over ? undefined : this.#child?.pid;
  }

  start(): void {
    const { command, args, env, cwd } = this.#options;
    const found = findCommand(command, env.PATH ?? '/usr/bin:/bin');
    if (!found.ok) {
      this.#ended({ code: found.exitCode, signal: undefined, message: found.message });
      return;
    }
    const child = spawn('/bin/sh', ['-c', WATCHED, 'weft', found.file, ...args], {
      stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
      env: withoutSecrets(env),
      ...(cwd === undefined ? {} : { cwd }),
    });
    this.#child = child;
    const leash = child.stdio[3] as Duplex | null;
    leash?.on('error', () => {});
    child.once('error', (error) => this.#ended({ code: 126, signal: undefined, message: error.message }));
    child.once('exit', (code, signal) => {
      leash?.end('ended\n');
      this.#ended({
        code: code ?? 128 + (signal === null ? 0 : os.constants.signals[signal]),
        signal: signal ?? undefined,
      });
    });
    this.#listen();
  }

  /** False when there is no child to get it. */
  signal(name: NodeJS.Signals): boolean {
    return this.pid !== undefined && (this.#child?.kill(name) ?? false);
  }

  /** TERM, then KILL after `patienceMs`. */
  async stop(patienceMs: number): Promise<Exit> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), patienceMs);
    const exit = await this.exit;
    clearTimeout(timer);
    return exit;
  }

  #listen(): void {
    const { terminal } = this.#options;
    for (const name of FORWARDED) this.#on(name, () => this.signal(name));
    for (const name of TERMINAL) this.#on(name, () => terminal || this.signal(name));
    this.#on('SIGTERM', () => this.#terminate('SIGTERM', true));
    // A terminal has sent INT to the child as well: what is left to do here is to drain, and not to die before it.
    this.#on('SIGINT', () => this.#terminate('SIGINT', !terminal));
  }

  #terminate(name: NodeJS.Signals, passOn: boolean): void {
    const { onTerminate } = this.#options;
    const pass = (): void => {
      if (passOn) this.signal(name);
    };
    if (onTerminate === undefined || this.#terminating) {
      pass();
      return;
    }
    this.#terminating = true;
    onTerminate(name).then(pass, pass);
  }

  #on(name: NodeJS.Signals, listener: () => void): void {
    this.#listeners.push([name, listener]);
    this.#options.signals.on(name, listener);
  }

  #ended(exit: Exit): void {
    if (this.#over) return;
    this.#over = true;
    for (const [name, listener] of this.#listeners) this.#options.signals.off(name, listener);
    this.#exit.resolve(exit);
  }
}
