/** What the control plane answers about its authorities: what is trusted, rotations step by step, taints. Documents are stable. */
import {
  type Answer,
  answer,
  badRequest,
  type Call,
  type ExtraRoute,
  hasRole,
  type Outcome,
  readJson,
  refuse,
} from '@weft/control/api';
import {
  type Authorities,
  type AuthorityReport,
  certificatesOf,
  formatSpiffeBundle,
  type RotationError,
  type TrustChanges,
} from '@weft/control/authority';
import type { Federation } from '@weft/control/federation';
import type { AuthoritiesDocument, AuthorityDocument, SpiffeBundleDocument } from '@weft/core/documents';
import { guestServerName } from '@weft/core/identity';
import type { Result, WallClock } from '@weft/core/kernel';
import type { Plane } from '@weft/control/plane';

interface AuthorityPagesOptions {
  readonly plane: Plane;
  readonly authorities: Authorities;
  readonly trust: TrustChanges;
  readonly federation: Federation;
  readonly wall: WallClock;
}

const viewers: ExtraRoute['allowed'] = (user) => hasRole(user, 'view');
const admins: ExtraRoute['allowed'] = (user) => hasRole(user, 'admin');

export function authorityPages(options: AuthorityPagesOptions): ExtraRoute[] {
  const { plane, authorities, trust, wall } = options;
  return [
    {
      method: 'GET',
      path: '/weft/v1/authority',
      allowed: viewers,
      run: () =>
        answer({
          authorities: [...(plane.assembly?.views.keys() ?? [])].flatMap((mesh) => {
            const trustDomain = plane.trustDomainOf(mesh);
            return trustDomain === undefined || !authorities.has(trustDomain)
              ? []
              : [document(options, mesh, trust.report(trustDomain))];
          }),
        } satisfies AuthoritiesDocument),
    },
    {
      method: 'GET',
      path: '/weft/v1/authority/bundles/:mesh',
      allowed: viewers,
      run: ({ params }) => {
        const trustDomain = plane.trustDomainOf(params['mesh'] ?? '');
        if (trustDomain === undefined || !authorities.has(trustDomain)) return bad('there is no such mesh');
        const numbers = { sequence: Math.floor(wall.now() / 1000), refreshHint: 300 };
        const bundle = formatSpiffeBundle(authorities.domain(trustDomain), numbers);
        return answer({ trustDomain, bundle } satisfies SpiffeBundleDocument);
      },
    },
    { method: 'POST', path: '/weft/v1/authority/rotations', allowed: admins, run: (call) => rotation(options, call) },
    { method: 'POST', path: '/weft/v1/authority/taints', allowed: admins, run: (call) => taint(options, call) },
  ];
}

const at = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString());

function document(
  { federation }: Pick<AuthorityPagesOptions, 'federation'>,
  mesh: string,
  report: AuthorityReport,
): AuthorityDocument {
  const { trustDomain, roots, intermediateNotAfter, lagging, retireAt, taint: tainted } = report;
  return {
    mesh,
    trustDomain,
    roots: roots.map(({ notAfter, ...root }) => ({ ...root, expires: at(notAfter) })),
    signingCertificateExpires: at(intermediateNotAfter),
    lagging,
    oldRootUntil: at(retireAt),
    federated: federation
      .states()
      .filter((state) => state.mesh === mesh)
      .map((state) => ({
        trustDomain: state.trustDomain,
        url: state.url,
        roots: certificatesOf(state.bundle?.roots ?? '')?.length ?? 0,
        sequence: state.bundle?.sequence ?? -1,
        fetched: at(state.fetched),
        fault: state.fault ?? '',
        serverName: guestServerName(state.trustDomain),
      })),
    ...(tainted === undefined
      ? {}
      : {
          taint: {
            step: tainted.step,
            root: tainted.root,
            tookMs: Math.round(tainted.took),
            waitingFor: tainted.waitingFor,
          },
        }),
  };
}

const STEPS = ['begin', 'promote', 'retire', 'abandon'] as const;
const KINDS = ['own', 'files', 'signer'] as const;

async function rotation(options: AuthorityPagesOptions, call: Call): Promise<Outcome> {
  const body = await fields(call, ['mesh', 'step', 'from', 'anyway']);
  if (!body.ok) return body.error;
  const { mesh, step: word, from: origin = 'own', anyway = false } = body.value;
  const step = STEPS.find((one) => one === word);
  const from = KINDS.find((one) => one === origin);
  if (step === undefined) return bad(`step must be one of ${STEPS.join(', ')}`);
  if (from === undefined) return bad(`from must be one of ${KINDS.join(', ')}`);
  if (typeof anyway !== 'boolean') return bad('anyway must be true or false');
  return settled(options, mesh, (trustDomain) => options.trust.step(trustDomain, step, { from, anyway }));
}

async function taint(options: AuthorityPagesOptions, call: Call): Promise<Outcome> {
  const body = await fields(call, ['mesh', 'root']);
  if (!body.ok) return body.error;
  const { mesh, root } = body.value;
  if (root !== undefined && (typeof root !== 'string' || !/^[0-9a-f]{4,64}$/.test(root)))
    return bad('root must be a SHA-256 in hexadecimal, or its first digits (4 at least)');
  return settled(options, mesh, (trustDomain) => options.trust.taint(trustDomain, root));
}

async function settled(
  options: AuthorityPagesOptions,
  mesh: unknown,
  change: (trustDomain: string) => Promise<Result<AuthorityReport, RotationError>>,
): Promise<Outcome> {
  const { plane, authorities } = options;
  if (typeof mesh !== 'string') return bad('mesh is required');
  const trustDomain = plane.trustDomainOf(mesh);
  if (trustDomain === undefined || !authorities.has(trustDomain)) return bad(`there is no mesh ${mesh.slice(0, 80)}`);
  const done = await change(trustDomain);
  if (done.ok) return answer(document(options, mesh, done.value));
  const { code, message } = done.error;
  const more = 'until' in done.error ? `, until ${at(done.error.until)}` : '';
  return { code: 409, body: { kind: 'Status', status: 'Failure', code: 409, reason: code, message: message + more } };
}

async function fields(
  { request }: Call,
  known: readonly string[],
): Promise<Result<Readonly<Record<string, unknown>>, Answer>> {
  const body = await readJson(request);
  if (!body.ok) return { ok: false, error: refuse(body.error) };
  if (typeof body.value !== 'object' || body.value === null)
    return { ok: false, error: bad('the body must be an object') };
  const unknown = Object.keys(body.value).filter((name) => !known.includes(name));
  if (unknown.length > 0) return { ok: false, error: bad(`unknown fields: ${unknown.join(', ').slice(0, 200)}`) };
  return { ok: true, value: Object.fromEntries(Object.entries(body.value)) };
}

const bad = (message: string): Answer => refuse(badRequest(message));
