/**
 * `weft plan -f PATH... [--before PATH...]`: what applying the files would change: objects, proxies, calls, invariants; with `--seen` and `--replay`
 * also which requests that happened would fare otherwise. Changes nothing.
 */
import { accountsIn, planOf } from '@weft/compile/answers';
import { type Diagnostic, hasErrors } from '@weft/core/kernel';
import { type KnownObjects, ofControlPlane, ofRead } from '../answers/objects.ts';
import type { ClientFlags } from '../cli/connect.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { happenedFlags } from '../answers/happened.ts';
import { objectChanges, planText, withObjects, worldOf } from '../answers/planned.ts';
import { CommandError, EXIT_OK, EXIT_REFUSED } from '../errors.ts';
import { readFiles } from '../files/read-files.ts';

export interface PlanFlags extends ClientFlags {
  readonly file: readonly string[];
  readonly before?: readonly string[];
  readonly output?: string;
  readonly namespace: string;
  readonly seen?: boolean;
  readonly window?: string;
  readonly replay?: string;
  readonly from?: string;
  readonly to?: string;
}

/** Exit code 1: an invariant that holds would break. */
export async function plan(flags: PlanFlags): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const happened = happenedFlags(flags);
  const [wanted, present] = [readFiles(flags.file), flags.before === undefined ? undefined : readFiles(flags.before)];
  const faults = [...wanted.diagnostics, ...(present?.diagnostics ?? [])];
  if (hasErrors(faults)) throw CommandError.of(faults);
  const files = ofRead(wanted);
  const known = present === undefined ? await ofControlPlane(flags) : ofRead(present);
  try {
    const running = flags.before === undefined;
    const objects = objectChanges(known.objects, files.objects);
    const changed = withObjects(known.objects, files.objects);
    const lately = await happened(known.objects);
    // Who is assumed to run is assumed before and after.
    const callers = [...lately.callers, ...accountsIn(known.objects), ...accountsIn(changed)];
    const [before, after] = [worldOf(known.objects, running, callers), worldOf(changed, running, callers)];
    const made = planOf(before, after);
    const compared = lately.compare(before, after);
    const placed = await Promise.all(made.broken.map((finding) => withPlace(finding, files, known)));
    if (format === 'json') process.stdout.write(toJson({ objects, ...made, broken: placed, ...compared.json }));
    else {
      process.stdout.write(planText(objects, { ...made, broken: placed }));
      process.stdout.write(await compared.text(async (source) => (await files.place(source)) || known.place(source)));
    }
    return made.broken.length > 0 ? EXIT_REFUSED : EXIT_OK;
  } finally {
    known.close();
  }
}

async function withPlace(finding: Diagnostic, ...known: readonly KnownObjects[]): Promise<Diagnostic> {
  for (const one of known) {
    const [, file, line, column] =
      /^(.*):(\d+):(\d+)$/.exec(await one.place(`${finding.place.object ?? ''}#${finding.place.path ?? ''}`)) ?? [];
    if (file !== undefined)
      return { ...finding, place: { ...finding.place, file, line: Number(line), column: Number(column) } };
  }
  return finding;
}
