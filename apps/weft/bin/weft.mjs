// Entry of the command line. The compile cache comes first: it halves the start of everything behind it.
import module from 'node:module';
import os from 'node:os';
import path from 'node:path';

if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `weft: needs Node >= 24, and this one is ${process.version}: install with optional dependencies, which bring it, or Node 24 itself.\n`,
  );
  process.exit(1);
}
module.enableCompileCache(
  process.env.NODE_COMPILE_CACHE ??
    path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'weft', 'compile'),
);
const { main } = await import('../main.ts');
process.exitCode = await main(process.argv.slice(2));
