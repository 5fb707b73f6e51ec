/** A bootstrap from its text, as `weft proxy -c FILE` and `envoy -c FILE` take it. Every finding has file, line, column and path. */
import { err, ok, type Diagnostic, type Result } from '@weft/core/kernel';
import { Path, Report } from '../codec/index.ts';
import { decodeChecked } from '../resources/index.ts';
import { readPartly, type SourceText } from '../text/index.ts';
import type { Bootstrap } from './bootstrap.ts';
import { decodeBootstrap } from './decode.ts';

const BOOTSTRAP = 'envoy.config.bootstrap.v3.Bootstrap';

export function readBootstrap(source: SourceText): Result<Bootstrap, readonly Diagnostic[]> {
  const read = readPartly(BOOTSTRAP, source);
  if (read.faults.some((fault) => fault.code === 'malformed-text')) return err(read.faults);
  const report = new Report();
  const bootstrap = decodeChecked(BOOTSTRAP, read.message, Path.ROOT, report, decodeBootstrap);
  const meaning = report.diagnostics().filter((fault) => !follows(fault, read.faults));
  const all = [...read.faults, ...read.locate(meaning)];
  return all.length > 0 ? err(all.toSorted(byPlace)) : ok(bootstrap);
}

/** Whether a finding may come only from what the reader of the text left out: around the same place, or something that is missing. */
function follows(fault: Diagnostic, textFaults: readonly Diagnostic[]): boolean {
  const path = fault.place.path ?? '';
  if (textFaults.length > 0 && fault.code === 'missing-field') return true;
  return textFaults.some(
    (other) => (other.place.path ?? '').startsWith(path) || path.startsWith(other.place.path ?? ''),
  );
}

const byPlace = (a: Diagnostic, b: Diagnostic): number =>
  (a.place.line ?? 0) - (b.place.line ?? 0) || (a.place.column ?? 0) - (b.place.column ?? 0);

/** What `--mode validate` prints: every finding, empty when the bootstrap can be run. */
export function validateBootstrap(source: SourceText): readonly Diagnostic[] {
  const read = readBootstrap(source);
  return read.ok ? [] : read.error;
}
