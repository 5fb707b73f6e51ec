/**
 * `weft`: picks the command. `proxy` and `version` load nothing but themselves, since a sidecar's start is paid per workload; the other
 * commands share the command-line parser. Resolves to the exit code; the process ends when nothing is left to do.
 */
import { CommandError, EXIT_OK, EXIT_REFUSED, EXIT_USAGE, UsageError } from './errors.ts';

export async function main(argv: readonly string[]): Promise<number> {
  try {
    switch (argv[0]) {
      case 'version':
      case '--version':
      case '-V':
        return (await import('./commands/version.ts')).version(argv.slice(1));
      case 'proxy':
        return await (await import('./commands/proxy.ts')).proxy(argv.slice(1));
      default:
        return await (await import('./cli/program.ts')).runProgram(argv);
    }
  } catch (error) {
    return explain(error);
  }
}

/** Prints what went wrong and what to do; the exit code. */
function explain(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`weft: ${error.message}\nRun \`weft --help\` or \`weft COMMAND --help\`.\n`);
    return EXIT_USAGE;
  }
  if (error instanceof CommandError) {
    process.stderr.write(`weft: ${error.message}\n`);
    if (error.remedy !== undefined) process.stderr.write(`  ${error.remedy}\n`);
    return EXIT_REFUSED;
  }
  // Not ours to hide: the stack is what a bug report needs.
  process.stderr.write(
    `weft: internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  return EXIT_REFUSED;
}

export { EXIT_OK };
