/**
 * What is kept of requests that happened, over the API: one of them with the decision about it (`weft why`), the newest, and their shapes
 * (`weft plan --seen`, `weft learn`). Paths and hosts are told as a tap tells them, so that it needs what a tap needs: the role `edit`.
 */
import { explain, isAnswer, questionOf, World } from '@weft/compile/answers';
import { type Answer, answer, badRequest, type Call, type ExtraRoute, hasRole, refuse } from '@weft/control/api';
import type { KeptRequest, RecentRequests } from '@weft/control/observe';
import type { RequestHop, RequestsDocument, SeenDocument, WhyDocument } from '@weft/core/documents';
import { formatDuration, parseDuration } from '@weft/core/kernel';
import type { StoredObject } from '@weft/core/resources';
import { parsePlacedName } from '@weft/core/proxy-config';
import { TAP_TEXT } from '@weft/core/tap';
import { explanationText } from '../answers/format.ts';
import { hopText } from '../answers/hop-text.ts';
import { placeAmong } from '../answers/objects.ts';
import { type Moment, momentOf, type MomentParts } from './moment.ts';

const DEFAULT_WINDOW = 3_600_000;
const LONGEST_WINDOW = 86_400_000;
const MOST_LISTED = 500;

export interface RequestPagesParts extends MomentParts {
  /** undefined: the control plane keeps none. */
  readonly recent: RecentRequests | undefined;
}

export const requestPages = (parts: RequestPagesParts): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/requests',
    allowed: () => true,
    run: (call) => listed(parts, call),
  },
  {
    method: 'GET',
    path: '/weft/v1/why',
    allowed: () => true,
    run: (call) => why(parts, call),
  },
  {
    method: 'GET',
    path: '/weft/v1/seen',
    allowed: (user) => user.bindings.some(({ role }) => role !== 'view'),
    run: (call) => seen(parts, call),
  },
];

const namespaceOf = (workload: string): string => workload.slice(0, workload.indexOf('/'));

const maySee = ({ user }: Call, workload: string): boolean => hasRole(user, 'edit', namespaceOf(workload));

/** `namespace`, `telling=true` (refusals and failures alone), `limit` up to 500 (100). Newest first. */
function listed({ recent }: RequestPagesParts, call: Call): Answer {
  const { query } = call;
  const limit = Number(query.get('limit') ?? 100);
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_LISTED)
    return refuse(badRequest(`limit must be 1 to ${MOST_LISTED}`));
  const namespace = query.get('namespace');
  const telling = query.get('telling') === 'true';
  const wanted = ({ workload, record }: KeptRequest): boolean =>
    (namespace === null || namespaceOf(workload) === namespace) &&
    (!telling || record.flags !== '' || record.status >= 400 || record.status === 0) &&
    maySee(call, workload);
  return answer({
    keeping: recent?.keeping ?? null,
    requests: recent?.list(wanted, limit) ?? [],
  } satisfies RequestsDocument);
}

/** `window` (1h, at most 24h), `namespace`: of its workloads alone. */
function seen({ recent }: RequestPagesParts, call: Call): Answer {
  const { query } = call;
  const window = query.has('window') ? parseDuration(query.get('window') ?? '') : DEFAULT_WINDOW;
  if (window === undefined || window < 1000 || window > LONGEST_WINDOW)
    return refuse(badRequest('window must be a duration from 1s to 24h'));
  const namespace = query.get('namespace');
  const shapes = (recent?.shapes(window) ?? []).filter(
    ({ workload }) => (namespace === null || namespaceOf(workload) === namespace) && maySee(call, workload),
  );
  return answer({ keeping: recent?.keeping ?? null, window, shapes } satisfies SeenDocument);
}

/** `id`: of the request, as it is told. In the query, since a caller may have chosen it: `a/../b` is no part of a path. */
async function why(parts: RequestPagesParts, call: Call): Promise<Answer> {
  const requestId = call.query.get('id') ?? '';
  if (requestId === '' || requestId.length > TAP_TEXT)
    return refuse(badRequest(`id must be a request id of 1 to ${TAP_TEXT} characters`));
  const { recent } = parts;
  const found = (recent?.find(requestId) ?? []).filter(({ workload }) => maySee(call, workload));
  const base = { requestId, keeping: recent?.keeping ?? null };
  const [first] = found;
  if (first === undefined) return answer({ ...base, hops: [], decision: null, unanswered: '' } satisfies WhyDocument);
  const moment = await momentOf(parts, first.record.at);
  const hops = found.map((kept, index) => hopOf(kept, moment.objects, index + 1));
  return answer({ ...base, hops, ...(await decided(found, first, moment)) } satisfies WhyDocument);
}

function hopOf(
  { workload, record, addressed }: KeptRequest,
  objects: readonly StoredObject[],
  number: number,
): RequestHop {
  const rule = ruleOf(record.details);
  const told = {
    workload,
    addressed: addressed ?? null,
    record,
    rule,
    rulePlace: rule === '' ? '' : placeAmong(objects, rule),
    routePlace: record.route === '' ? '' : placeAmong(objects, record.route),
  };
  return { ...told, text: hopText(told, number) };
}

/** Source in Envoy's detail of a refusal: `rbac_access_denied_matched_policy[AccessPolicy/shop/orders#spec.rules[1]@mesh.yaml:31]`. */
function ruleOf(details: string): string {
  const [, rule = ''] = /matched_policy\[(.*)\]$/.exec(details) ?? [];
  return parsePlacedName(rule)?.source ?? '';
}

async function decided(
  found: readonly KeptRequest[],
  first: KeptRequest,
  moment: Moment,
): Promise<Pick<WhyDocument, 'decision' | 'unanswered'>> {
  const { record, workload, addressed } = first;
  const identity = found.find((kept) => kept.record.direction === 'inbound')?.record.identity ?? '';
  const asked = questionOf(moment.objects, {
    ...record,
    workload,
    identity: record.direction === 'outbound' ? identity : '',
    peerIdentity: record.identity,
    addressed,
  });
  if (!('question' in asked)) return { decision: null, unanswered: `${asked.reason}: ${asked.remedy}` };
  const world = new World(moment.objects);
  const told = explain(world, asked.question);
  if (!isAnswer(told)) return { decision: null, unanswered: `${told.reason}: ${told.remedy}` };
  const text = await explanationText(told, asked.question.request, undefined, (source) =>
    Promise.resolve(placeAmong(moment.objects, source)),
  );
  const { changed } = moment;
  const before = changed === undefined ? 0 : record.at - changed.time;
  return {
    unanswered: '',
    decision: {
      of: moment.of,
      revision: moment.revision ?? null,
      changed:
        changed === undefined
          ? ''
          : `${changed.kind}/${changed.namespace === '' ? '' : `${changed.namespace}/`}${changed.name} was ${changed.action} ${formatDuration(Math.round(before))} before`,
      verdict: told.verdict.kind,
      agrees: agrees(told.verdict, found),
      text,
      unsure: asked.unsure,
    },
  };
}

/** An answer of the application says nothing against a request that passes. */
function agrees(
  { kind, status }: { readonly kind: string; readonly status: number },
  found: readonly KeptRequest[],
): boolean {
  const own = found.find(({ record }) => record.details !== '' && record.details !== 'via_upstream');
  const passes = kind === 'allowed' || kind === 'mixed';
  if (own === undefined) return passes;
  return !passes && (status === own.record.status || status === found[0]?.record.status);
}
