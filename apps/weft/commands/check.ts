/**
 * `weft check [-f PATH]...`: the environment, the control plane, the proxies and their certificates; or files, without a control plane.
 * Every finding has its place and a remedy; exit code 1 when there is an error.
 */
import type {
  AuthoritiesDocument,
  AuthorityDocument,
  FindingsDocument,
  ProxiesDocument,
  ProxyDocument,
} from '@weft/core/documents';
import { existsSync, statSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { openListeners } from '@weft/agent/open-ports';
import { REGISTRATION_ANNOTATION } from '@weft/control/registry';
import { type Diagnostic, findingNumber, formatDiagnostic, hasErrors } from '@weft/core/kernel';
import { assemble } from '@weft/core/mesh-view';
import { locate } from '@weft/core/resources/text';
import { objectName, type StoredObject } from '@weft/core/resources';
import { analysed } from '../answers/findings.ts';
import { ofControlPlane } from '../answers/objects.ts';
import { openBesideProxy } from '../answers/open-ports.ts';
import { type ClientFlags, connect } from '../cli/connect.ts';
import { controlSocket, dataFolder } from '../cli/data-folder.ts';
import { outputFormat, toJson } from '../cli/output.ts';
import { systemWallClock } from '../clocks.ts';
import { EXIT_OK, EXIT_REFUSED } from '../errors.ts';
import { readFiles } from '../files/read-files.ts';
import { warningBefore } from './certificate-warning.ts';
import { wantedKind } from './get.ts';

export interface CheckFlags extends ClientFlags {
  readonly file?: readonly string[];
  readonly output?: string;
}

/** The oldest releases with the security fixes of November 2026. */
const SECURE_NODE: Readonly<Record<number, readonly [minor: number, patch: number]>> = { 24: [22, 3], 26: [13, 1] };

export async function check(flags: CheckFlags): Promise<number> {
  const format = outputFormat(flags.output, ['table', 'json']);
  const findings = flags.file === undefined ? [...environment(), ...(await controlPlane(flags))] : files(flags.file);
  if (format === 'json')
    process.stdout.write(
      toJson({
        findings: findings.map((finding) => ({
          ...finding,
          number: findingNumber(finding.code),
          text: formatDiagnostic(finding),
        })),
      }),
    );
  else {
    for (const finding of findings) process.stdout.write(`${numbered(finding)}\n`);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const warnings = findings.filter(({ severity }) => severity === 'warning').length;
    process.stdout.write(
      errors + warnings === 0
        ? 'check: nothing is wrong\n'
        : `check: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}\n`,
    );
  }
  return hasErrors(findings) ? EXIT_REFUSED : EXIT_OK;
}

/** The number stands last: its page says more (docs/reference/findings.md). */
function numbered(finding: Diagnostic): string {
  const number = findingNumber(finding.code);
  return `${formatDiagnostic(finding)}${number === undefined ? '' : ` [${number}]`}`;
}

const counted = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;

const finding = (severity: Diagnostic['severity'], code: string, message: string, remedy?: string): Diagnostic => ({
  severity,
  code,
  message,
  place: {},
  remedy,
});

function environment(): Diagnostic[] {
  const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map(Number);
  const secure = SECURE_NODE[major];
  if (secure === undefined || minor > secure[0] || (minor === secure[0] && patch >= secure[1])) return [];
  return [
    finding(
      'warning',
      'old-node',
      `Node ${process.versions.node} lacks security fixes of ${major}.${secure.join('.')}`,
      'run on a newer Node where others than you can reach a proxy',
    ),
  ];
}

/** Files alone: what they say of themselves, and of each other as far as they name each other. */
function files(paths: readonly string[]): Diagnostic[] {
  const read = readFiles(paths);
  if (hasErrors(read.diagnostics)) return [...read.diagnostics];
  const objects = read.objects.flatMap(({ object, origin }, index) => {
    if (object === undefined) return [];
    const metadata = { ...object.metadata, uid: String(index), generation: 1, resourceVersion: String(index + 1) };
    return [{ object: { ...object, metadata } satisfies StoredObject, origin }];
  });
  const origins = new Map(
    objects.map(({ object, origin }) => [
      objectName(object.kind, object.metadata.namespace, object.metadata.name),
      origin,
    ]),
  );
  const { diagnostics } = assemble(
    objects.map(({ object }) => object),
    new Map(),
  );
  return [
    ...read.diagnostics,
    // Files do not say what runs.
    ...[
      ...diagnostics.filter(({ code }) => code !== 'no-gateway-process'),
      ...analysed(
        objects.map(({ object }) => object),
        false,
      ),
    ].map((diagnostic): Diagnostic => {
      const origin = origins.get(diagnostic.place.object ?? '');
      // What another file or a running workload may bring is no error of these files.
      const severity = diagnostic.code.endsWith('not-found') ? 'warning' : diagnostic.severity;
      if (origin === undefined) return { ...diagnostic, severity };
      const { line, column } = locate(origin, diagnostic.place.path ?? '');
      return { ...diagnostic, severity, place: { ...diagnostic.place, file: origin.file, line, column } };
    }),
  ];
}

async function controlPlane(flags: CheckFlags): Promise<Diagnostic[]> {
  const found: Diagnostic[] = [];
  const folder = dataFolder(flags.data);
  if (flags.controlPlane === undefined && existsSync(folder) && (statSync(folder).mode & 0o077) !== 0) {
    found.push(finding('error', 'open-folder', `others may enter ${folder}`, `chmod 700 ${folder}`));
  }
  if (flags.controlPlane === undefined && !existsSync(controlSocket(folder))) {
    found.push(
      finding(
        'error',
        'no-control-plane',
        `no control plane runs with the data folder ${folder}`,
        'start one with `weft up`, or name it with --data or --control-plane',
      ),
    );
    return found;
  }
  const client = connect(flags);
  try {
    const [proxies, findings, meshes, authority] = await Promise.all([
      client.call('GET', '/weft/v1/proxies'),
      client.call('GET', '/weft/v1/findings'),
      client.list({ kind: wantedKind('meshes'), namespace: '' }),
      client.call('GET', '/weft/v1/authority'),
    ]);
    for (const answer of [proxies, findings, meshes, authority]) {
      if (!answer.ok)
        return [...found, finding('error', 'unreachable', answer.error.message, 'is the control plane running?')];
    }
    if (findings.ok) {
      const document = findings.value as unknown as FindingsDocument;
      for (const each of document.findings) found.push(each);
    }
    const known = await ofControlPlane(flags);
    found.push(...analysed(known.objects, true), ...(await openOnThisHost(known.objects)));
    if (authority.ok)
      found.push(
        ...(authority.value as unknown as AuthoritiesDocument).authorities.flatMap((one) =>
          expiringRoots(one, systemWallClock.now()),
        ),
      );
    known.close();
    const lifetimes = meshes.ok ? lifetimesOf(meshes.value.items) : new Map<string, string>();
    if (proxies.ok)
      found.push(
        ...(proxies.value as unknown as ProxiesDocument).proxies.flatMap((proxy) =>
          proxyFindings(proxy, lifetimes.get(proxy.mesh), systemWallClock.now()),
        ),
      );
    return found;
  } finally {
    client.close();
  }
}

/** Of workloads on this host that have no agent to tell: services that others reach without their proxy. */
async function openOnThisHost(objects: readonly StoredObject[]): Promise<Diagnostic[]> {
  const own = new Set([
    '127.0.0.1',
    '::1',
    ...Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  ]);
  const open = (await openListeners()).map(({ ip, port }) => ({ ip, port, process: '' }));
  return openBesideProxy(objects, assemble(objects, new Map()), ({ metadata, spec }) =>
    metadata.annotations[REGISTRATION_ANNOTATION] === undefined && spec.addresses.some(({ ip }) => own.has(ip))
      ? open
      : [],
  );
}

/** ms before the end of a root: long enough for a rotation that waits for slow proxies. */
const ROOT_WARNING = 30 * 86_400_000;

/** Of one mesh. An old root that leaves anyway is nobody's worry. */
export const expiringRoots = (
  { mesh, roots, signingCertificateExpires }: Pick<AuthorityDocument, 'mesh' | 'roots' | 'signingCertificateExpires'>,
  now: number,
): Diagnostic[] => {
  const ends = [
    ...roots
      .filter(({ state }) => state !== 'old')
      .map(({ sha256, expires }) => ({ what: `the root ${sha256.slice(0, 8)}`, expires })),
    { what: 'the certificate that signs', expires: signingCertificateExpires },
  ];
  return ends.flatMap(({ what, expires }): Diagnostic[] =>
    !(Date.parse(expires) - now < ROOT_WARNING)
      ? []
      : [
          {
            severity: 'warning',
            code: 'root-expires',
            message: `${what} ends ${expires}`,
            place: { object: objectName('Mesh', '', mesh) },
            remedy: 'begin `weft authority rotate`',
          },
        ],
  );
};

/** By mesh: `spec.certificates.lifetime`. */
function lifetimesOf(meshes: readonly unknown[]): Map<string, string> {
  const lifetimes = new Map<string, string>();
  for (const mesh of meshes as readonly MeshDocument[]) {
    const lifetime = mesh.spec?.certificates?.lifetime;
    if (lifetime !== undefined) lifetimes.set(mesh.metadata.name, lifetime);
  }
  return lifetimes;
}

interface MeshDocument {
  readonly metadata: { readonly name: string };
  readonly spec?: { readonly certificates?: { readonly lifetime?: string } };
}

/** `lifetime`: of certificates, as its mesh states it. `now`: ms since the epoch. */
export function proxyFindings(proxy: ProxyDocument, lifetime: string | undefined, now: number): Diagnostic[] {
  const place = { object: `Workload/${proxy.namespace}/${proxy.name}` };
  const found: Diagnostic[] = [];
  const say = (severity: Diagnostic['severity'], code: string, message: string, remedy: string): void =>
    void found.push({ severity, code, message, place, remedy });
  if (!proxy.connected)
    say('warning', 'disconnected', 'its proxy is not connected', 'look at the output of its `weft run`');
  if (proxy.state === 'stale')
    say('warning', 'stale', 'its proxy has not acknowledged its configuration yet', 'run `weft status` again');
  if (proxy.certificateExpires !== '' && Date.parse(proxy.certificateExpires) - now < warningBefore(lifetime)) {
    say(
      'warning',
      'certificate-expires',
      `its certificate ends ${proxy.certificateExpires} and was not renewed`,
      'look at the output of its `weft run`',
    );
  }
  return found;
}
