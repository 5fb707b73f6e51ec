/**
 * One Envoy beside a workload: started on a bootstrap text, its log handed on line by line, its exit told. Without hot restart it shares
 * no memory with another Envoy of this host. It ends with us by a watching shell, as in supervise.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { createInterface } from 'node:readline';
import type { AgentFolder } from '../folder/index.ts';
import { withoutSecrets } from '../supervise/index.ts';

export interface EnvoyOptions {
  /** The program. */
  readonly program: string;
  /** The bootstrap is written here (`envoy.yaml`). */
  readonly folder: AgentFolder;
  /** YAML or JSON. */
  readonly bootstrap: string;
  /** Worker threads; default 1. */
  readonly concurrency?: number;
  /** Envoy's words: trace, debug, info, warning, error, critical, off. Default warning. */
  readonly logLevel?: string;
  readonly onLog: (line: string) => void;
  /** Over ours. */
  readonly env?: NodeJS.ProcessEnv;
}

export interface EnvoyExit {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  /** The last lines it logged. */
  readonly lastLog: readonly string[];
}

/** Lines kept for the report of an unexpected end. */
const LAST_LINES = 20;

const WATCHED = '( ( read -r x <&3 || kill -TERM $$ ) >/dev/null 2>&1 & ); exec 3<&-; exec "$@"';

export class EnvoyProcess {
  readonly #options: EnvoyOptions;
  readonly #exit = Promise.withResolvers<EnvoyExit>();
  readonly #lastLog: string[] = [];
  #child: ChildProcess | undefined;
  #over = false;

  constructor(options: EnvoyOptions) {
    this.#options = options;
  }

  /** How it ended, expected or not. Never rejects. */
  get exit(): Promise<EnvoyExit> {
    return this.#exit.promise;
  }

  get pid(): number | undefined {
    return this.#over ? undefined : this.#child?.pid;
  }

  start(): void {
    const { program, folder, bootstrap, concurrency = 1, logLevel = 'warning' } = this.#options;
    folder.write('envoy.yaml', bootstrap);
    const flags = ['--config-path', folder.file('envoy.yaml'), '--log-level', logLevel];
    // While it drains, every answer says `connection: close`, not a share of them that grows over ten minutes: our drains take seconds.
    const ending = ['--disable-hot-restart', '--drain-strategy', 'immediate'];
    const args = [...flags, '--concurrency', String(concurrency), ...ending];
    const child = spawn('/bin/sh', ['-c', WATCHED, 'weft', program, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: withoutSecrets({ ...process.env, ...this.#options.env }),
    });
    this.#child = child;
    const leash = child.stdio[3] as Duplex | null;
    leash?.on('error', () => {});
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#log(line));
    }
    child.once('error', (error) => {
      this.#log(error.message);
      this.#ended(undefined, undefined);
    });
    child.once('exit', () => leash?.end('ended\n'));
    // `close`, not `exit`: the last lines of its log come first.
    child.once('close', (code, signal) => this.#ended(code ?? undefined, signal ?? undefined));
  }

  /** TERM, then KILL after `patienceMs`. */
  async stop(patienceMs: number): Promise<EnvoyExit> {
    if (this.pid === undefined) return this.exit;
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), patienceMs);
    const exit = await this.exit;
    clearTimeout(timer);
    return exit;
  }

  #log(line: string): void {
    this.#lastLog.push(line);
    if (this.#lastLog.length > LAST_LINES) this.#lastLog.shift();
    this.#options.onLog(line);
  }

  #ended(code: number | undefined, signal: NodeJS.Signals | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#exit.resolve({ code, signal, lastLog: [...this.#lastLog] });
  }
}
