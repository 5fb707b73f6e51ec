/** `weft apply -f PATH|DIR|- [--wait] [--dry-run]`: nothing is applied unless every object of every file is right, and no Invariant breaks. */
import { type Diagnostic, hasErrors } from '@weft/core/kernel';
import { objectName } from '@weft/core/resources';
import { locate } from '@weft/core/resources/text';
import { brokenBy } from '../answers/findings.ts';
import { ofControlPlane, ofRead } from '../answers/objects.ts';
import { type ClientFlags, connect, orFail } from '../cli/connect.ts';
import { EXIT_OK, EXIT_REFUSED } from '../errors.ts';
import { applyObjects, outcomeText, printDiagnostics } from '../files/apply-objects.ts';
import { type FileObjects, readFiles } from '../files/read-files.ts';

export interface ApplyFlags extends ClientFlags {
  readonly file: readonly string[];
  readonly wait?: boolean;
  readonly dryRun?: boolean;
  readonly breakInvariants?: boolean;
}

export async function apply(flags: ApplyFlags): Promise<number> {
  const read = readFiles(flags.file);
  printDiagnostics(read.diagnostics);
  if (hasErrors(read.diagnostics)) {
    process.stderr.write('weft: nothing was applied\n');
    return EXIT_REFUSED;
  }
  if (flags.breakInvariants !== true) {
    const known = await ofControlPlane(flags);
    try {
      const findings = brokenBy(known, ofRead({ ...read, diagnostics: [] }).objects);
      printDiagnostics(findings);
      if (findings.length > 0) {
        process.stderr.write(
          'weft: nothing was applied (`weft plan` says more, --break-invariants applies it all the same)\n',
        );
        return EXIT_REFUSED;
      }
    } finally {
      known.close();
    }
  }
  const client = connect(flags);
  try {
    const { applied, diagnostics } = await applyObjects(client, read.objects, {
      dryRun: flags.dryRun === true,
      breakInvariants: true,
    });
    for (const one of applied)
      process.stdout.write(`${outcomeText(one)}${flags.dryRun === true ? ' (dry run)' : ''}\n`);
    printDiagnostics(diagnostics);
    if (hasErrors(diagnostics)) return EXIT_REFUSED;
    if (flags.wait !== true || flags.dryRun === true) return EXIT_OK;
    const findings = await waitForProxies(client, read);
    printDiagnostics(findings);
    return findings.length > 0 ? EXIT_REFUSED : EXIT_OK;
  } finally {
    client.close();
  }
}

interface FindingsDocument {
  readonly converged: boolean;
  readonly findings: readonly Diagnostic[];
}

/** What the mesh says about the objects of the files, once the proxies have answered. */
async function waitForProxies(client: ReturnType<typeof connect>, { objects }: FileObjects): Promise<Diagnostic[]> {
  const { converged, findings } = (await orFail(
    client.call('GET', '/weft/v1/findings'),
  )) as unknown as FindingsDocument;
  const origins = new Map(
    objects.flatMap(({ object, origin }) =>
      object === undefined
        ? []
        : [[objectName(object.kind, object.metadata.namespace, object.metadata.name), origin] as const],
    ),
  );
  const own = findings.flatMap((finding): Diagnostic[] => {
    const origin = origins.get(finding.place.object ?? '');
    if (origin === undefined) return [];
    const position = locate(origin, finding.place.path ?? '');
    return [
      { ...finding, place: { ...finding.place, file: origin.file, line: position.line, column: position.column } },
    ];
  });
  if (!converged) {
    own.push({
      severity: 'error',
      code: 'not-converged',
      message: 'not every connected proxy has acknowledged the change within 5 s',
      place: {},
      remedy: 'see `weft status`',
    });
  }
  return own;
}
