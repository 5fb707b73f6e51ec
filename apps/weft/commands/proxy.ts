/**
 * `weft proxy -c BOOTSTRAP.yaml [--mode serve|validate] [--concurrency N] [--config-cache DIR]`: an Envoy v3 bootstrap on our engine. Loads nothing of the
 * control plane and no command-line library: a sidecar's start is paid per workload.
 */
import { readFileSync } from 'node:fs';
import { INTENDED_DIFFERENCES, readBootstrap, validateBootstrap } from '@weft/envoy/bootstrap';
import { jsonSource, type SourceText } from '@weft/envoy/text';
import { formatDiagnostic } from '@weft/core/kernel';
import { MAX_CONCURRENCY, readConcurrency } from '../engine/concurrency.ts';
import { Restarts } from '../engine/hot-restart/restarts.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';
import { removePidFile, writePidFile } from '../files/pid-file.ts';
import { readStdin } from '../files/stdin.ts';
import { unreadableReason } from '../files/unreadable.ts';

/** ms that open exchanges get at the end. */
const DRAIN = 10_000;

const HELP = `Usage: weft proxy -c BOOTSTRAP [options]

Runs an Envoy v3 bootstrap (YAML or JSON) on Weft's engine.

  -c, --config-path FILE   the bootstrap
  --mode serve|validate    validate says every fault with its place, and where Weft is stricter than Envoy
  --concurrency N          threads that serve, each with an engine of its own; default 1
  --config-cache DIR       keeps the last good configuration by xDS there, and starts with it while the control plane is away
  --drain-time-s N         seconds that connections of removed listeners get; default 600
  --parent-shutdown-time-s N  seconds that the old process gets to drain after a hot restart; default 900
  --pid-file FILE          holds the number of the process that serves, over hot restarts too

Signals: TERM and INT drain and end (a second one does not wait); HUP restarts hot: a new process reads the bootstrap, takes over the
listening sockets and serves; this one drains and ends. Where the new one fails, this one serves on.
`;

export async function proxy(args: readonly string[]): Promise<number> {
  const flags = readFlags(args);
  const { file, mode, help } = flags;
  if (help) {
    process.stdout.write(HELP);
    return EXIT_OK;
  }
  const source = await readSource(file);
  return mode === 'validate' ? validate(source) : serve(source, flags);
}

interface Flags {
  readonly file: string;
  readonly mode: string;
  readonly concurrency: number;
  readonly cacheFolder: string | undefined;
  /** ms. */
  readonly drainTime: number;
  /** ms. */
  readonly parentShutdownTime: number;
  readonly pidFile: string | undefined;
  readonly help: boolean;
}

function readFlags(args: readonly string[]): Flags {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new UsageError(`proxy: ${error instanceof Error ? error.message : String(error)}`);
  }
  const {
    'config-path': file,
    mode,
    concurrency,
    'config-cache': cacheFolder,
    'pid-file': pidFile,
    help,
  } = parsed.values;
  const drainTime = milliseconds('--drain-time-s', parsed.values['drain-time-s']);
  const parentShutdownTime = milliseconds('--parent-shutdown-time-s', parsed.values['parent-shutdown-time-s']);
  const rest = { cacheFolder, pidFile, drainTime, parentShutdownTime, help };
  if (help) return { file: '', mode, concurrency: 1, ...rest };
  if (file === undefined) throw new UsageError('proxy needs -c FILE, an Envoy v3 bootstrap');
  if (mode !== 'serve' && mode !== 'validate') throw new UsageError(`--mode takes serve or validate, not '${mode}'`);
  const threads = readConcurrency(concurrency);
  if (threads === undefined)
    throw new UsageError(`--concurrency takes a number of threads up to ${MAX_CONCURRENCY}, not '${concurrency}'`);
  return { file, mode, concurrency: threads, ...rest };
}

function milliseconds(flag: string, text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`${flag} takes a number of seconds below 1,000,000, not '${text}'`);
  return Number(text) * 1000;
}

const parse = (args: readonly string[]) =>
  // An import of node:util would load all that it offers, 2 ms of the start.
  process.getBuiltinModule('node:util').parseArgs({
    args: [...args],
    options: {
      'config-path': { type: 'string', short: 'c' },
      mode: { type: 'string', default: 'serve' },
      concurrency: { type: 'string', default: '1' },
      'config-cache': { type: 'string' },
      'drain-time-s': { type: 'string', default: '600' },
      'parent-shutdown-time-s': { type: 'string', default: '900' },
      'pid-file': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });

/** JSON needs no YAML library, whose loading and parsing are most of a start. */
async function readSource(file: string): Promise<SourceText> {
  const text = readText(file);
  return jsonSource(text, file) ?? (await import('@weft/envoy/text/yaml')).yamlSource(text, file);
}

function readText(file: string): string {
  try {
    return file === '-' ? readStdin() : readFileSync(file, 'utf8');
  } catch (error) {
    throw new CommandError(`${file}: ${unreadableReason(error)}`, 'Name a file that this user may read.');
  }
}

function validate(source: SourceText): number {
  const { file } = source;
  const findings = validateBootstrap(source);
  for (const finding of findings) process.stderr.write(`${formatDiagnostic(finding)}\n`);
  process.stdout.write('Weft is stricter than Envoy on purpose in these points:\n');
  for (const { what, why } of INTENDED_DIFFERENCES) process.stdout.write(`  ${what} (${why})\n`);
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  process.stdout.write(errors === 0 ? `${file}: OK\n` : `${file}: ${errors} errors\n`);
  return errors === 0 ? EXIT_OK : EXIT_REFUSED;
}

async function serve(source: SourceText, flags: Flags): Promise<number> {
  const { concurrency, parentShutdownTime, pidFile } = flags;
  const predecessor =
    process.env['WEFT_HOT_RESTART'] === undefined
      ? undefined
      : await (await import('../engine/hot-restart/predecessor.ts')).meetPredecessor(concurrency);
  const bootstrap = readBootstrap(source);
  if (!bootstrap.ok) throw CommandError.of(bootstrap.error);
  const { runBootstrap } = await import('../engine/run-bootstrap.ts');
  const running = await runBootstrap(bootstrap.value, { ...flags, predecessor });
  if (pidFile !== undefined) writePidFile(pidFile);
  const restarts = new Restarts(running, source.file);
  process.on('SIGHUP', () => void restarts.restart());
  const successor = await Promise.race([endSignal(), restarts.replaced]);
  if (successor === undefined) {
    restarts.abandon();
    // A second signal does not wait.
    await Promise.race([running.subject.drain(DRAIN), endSignal()]);
    if (pidFile !== undefined) removePidFile(pidFile);
  } else {
    running.stopAdmin(true);
    await Promise.race([running.subject.drain(parentShutdownTime, undefined, true), endSignal()]);
    await successor.leave();
  }
  await running.stop();
  return EXIT_OK;
}

function endSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(undefined));
  });
}
