/**
 * `weft proxy -c BOOTSTRAP.yaml [--mode serve|validate] [--concurrency N] [--config-cache DIR]`: an Envoy v3 bootstrap on our engine. Loads nothing of the
 * control plane and no command-line library: a sidecar's start is paid per workload.
 */
import { readFileSync } from 'node:fs';
import { INTENDED_DIFFERENCES, readBootstrap, validateBootstrap } from '@weft/envoy/bootstrap';
import { jsonSource, type SourceText } from '@weft/envoy/text';
import { formatDiagnostic } from '@weft/core/kernel';
import { MAX_CONCURRENCY, readConcurrency } from '../engine/concurrency.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED, UsageError } from '../errors.ts';
import { unreadableReason } from '../files/unreadable.ts';

/** ms that open exchanges get at the end. */
const DRAIN = 10_000;

const HELP = `Usage: weft proxy -c BOOTSTRAP [--mode serve|validate] [--concurrency N] [--config-cache DIR]

Runs an Envoy v3 bootstrap (YAML or JSON) on Weft's engine.

  -c, --config-path FILE   the bootstrap
  --mode serve|validate    validate says every fault with its place, and where Weft is stricter than Envoy
  --concurrency N          threads that serve, each with an engine of its own; default 1
  --config-cache DIR       keeps the last good configuration by xDS there, and starts with it while the control plane is away
`;

export async function proxy(args: readonly string[]): Promise<number> {
  const { file, mode, concurrency, cacheFolder, help } = readFlags(args);
  if (help) {
    process.stdout.write(HELP);
    return EXIT_OK;
  }
  const source = await readSource(file);
  return mode === 'validate' ? validate(source) : serve(source, { concurrency, cacheFolder });
}

interface Flags {
  readonly file: string;
  readonly mode: string;
  readonly concurrency: number;
  readonly cacheFolder: string | undefined;
  readonly help: boolean;
}

function readFlags(args: readonly string[]): Flags {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
  } catch (error) {
    throw new UsageError(`proxy: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { 'config-path': file, mode, concurrency, 'config-cache': cacheFolder, help } = parsed.values;
  if (help) return { file: '', mode, concurrency: 1, cacheFolder, help };
  if (file === undefined) throw new UsageError('proxy needs -c FILE, an Envoy v3 bootstrap');
  if (mode !== 'serve' && mode !== 'validate') throw new UsageError(`--mode takes serve or validate, not '${mode}'`);
  const threads = readConcurrency(concurrency);
  if (threads === undefined)
    throw new UsageError(`--concurrency takes a number of threads up to ${MAX_CONCURRENCY}, not '${concurrency}'`);
  return { file, mode, concurrency: threads, cacheFolder, help };
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
    return readFileSync(file === '-' ? 0 : file, 'utf8');
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

async function serve(source: SourceText, options: Pick<Flags, 'concurrency' | 'cacheFolder'>): Promise<number> {
  const bootstrap = readBootstrap(source);
  if (!bootstrap.ok) throw CommandError.of(bootstrap.error);
  const { runBootstrap } = await import('../engine/run-bootstrap.ts');
  const { engine, stop } = await runBootstrap(bootstrap.value, options);
  await endSignal();
  // A second signal does not wait.
  await Promise.race([engine.subject.drain(DRAIN), endSignal()]);
  await stop();
  return EXIT_OK;
}

function endSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
}
