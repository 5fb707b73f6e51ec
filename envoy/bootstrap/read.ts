/** A bootstrap from its text, as `weft proxy -c FILE` and `envoy -c FILE` take it. Every finding has file, line, column and path. */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import { Path, Report } from '../codec/index.ts';
import { decodeChecked } from '../resources/index.ts';
import { readText } from '../text/index.ts';
import type { Bootstrap } from './bootstrap.ts';
import { decodeBootstrap } from './decode.ts';

const BOOTSTRAP = 'envoy.config.bootstrap.v3.Bootstrap';

/** `file` is named in the findings; YAML and JSON are both read. */
export function readBootstrap(text: string, file: string): Result<Bootstrap, readonly Diagnostic[]> {
  const read = readText(BOOTSTRAP, text, file);
  if (!read.ok) return read;
  const report = new Report();
  const bootstrap = decodeChecked(BOOTSTRAP, read.value.message, Path.ROOT, report, decodeBootstrap);
  return report.failed ? err(read.value.locate(report.diagnostics())) : ok(bootstrap);
}

/** What `--mode validate` prints: every finding, empty when the bootstrap can be run. */
export function validateBootstrap(text: string, file: string): readonly Diagnostic[] {
  const read = readBootstrap(text, file);
  return read.ok ? [] : read.error;
}
