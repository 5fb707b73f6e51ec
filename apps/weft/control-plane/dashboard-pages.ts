/** What the dashboard asks beside traffic and objects: the log of changes, explanations, who may call a service. */
import { explain, isAnswer, populate, remedyOf, World } from '@weft/compile/answers';
import { type Answer, answer, badRequest, type Call, type ExtraRoute, hasRole, refuse } from '@weft/control/api';
import type { ChangeLog, Plane } from '@weft/control/plane';
import type { CallersDocument, ChangesDocument, ExplainDocument } from '@weft/core/documents';
import type { Workload } from '@weft/core/resources';
import { explanationText } from '../answers/format.ts';
import { placeAmong } from '../answers/objects.ts';
import { callerName, resolved, serviceName, statedRequest } from '../answers/question.ts';
import { UsageError } from '../errors.ts';

/** Callers that one question is answered for. */
const CALLERS = 200;

export const dashboardPages = (plane: Plane, log: ChangeLog): ExtraRoute[] => [
  {
    method: 'GET',
    path: '/weft/v1/changes',
    allowed: (user) => hasRole(user, 'view'),
    run: () => answer({ changes: log.list() } satisfies ChangesDocument),
  },
  {
    method: 'GET',
    path: '/weft/v1/explain',
    allowed: (user) => hasRole(user, 'view'),
    run: (call) => asked(() => explained(plane, call)),
  },
  {
    method: 'GET',
    path: '/weft/v1/callers',
    allowed: (user) => hasRole(user, 'view'),
    run: (call) => asked(() => callers(plane, call)),
  },
];

async function asked(run: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof UsageError) return refuse(badRequest(error.message));
    throw error;
  }
}

const populated = (plane: Plane) =>
  populate([...plane.objects.objects], { service: undefined, caller: undefined, running: true });

async function explained(plane: Plane, { query }: Call): Promise<Answer> {
  const { service, port } = serviceName(query.get('to') ?? '', 'default');
  const request = statedRequest(query.get('method') ?? 'GET', query.get('path') ?? '/', query.getAll('header'));
  const { objects, assumptions } = populated(plane);
  const known = new World(objects);
  const from = resolved(callerName(query.get('from') ?? '', 'default'), objects);
  const question = { from, to: service, port, request };
  const found = explain(known, question);
  if (!isAnswer(found)) return refuse(badRequest(`${found.reason}. ${found.remedy}`));
  const text = await explanationText(found, request, remedyOf(known, question, found), (source) =>
    Promise.resolve(placeAmong(objects, source)),
  );
  return answer({ verdict: found.verdict.kind, text, assumptions } satisfies ExplainDocument);
}

/** Who may send this request to that service: every account that runs, and somebody outside. */
function callers(plane: Plane, { query }: Call): Answer {
  const { service, port } = serviceName(query.get('to') ?? '', 'default');
  const request = statedRequest(query.get('method') ?? 'GET', query.get('path') ?? '/', query.getAll('header'));
  const { objects } = populated(plane);
  const known = new World(objects);
  const workloads = objects.filter((object): object is Workload => object.kind === 'Workload');
  const names = [...new Set(workloads.map(({ metadata, spec }) => `${metadata.namespace}/${spec.account}`))].sort();
  const asked = [...names.slice(0, CALLERS).map((name) => ({ name, caller: callerName(name, 'default') })), OUTSIDE];
  const found = asked.map(({ name, caller }) => {
    const told = explain(known, { from: resolved(caller, objects), to: service, port, request });
    return isAnswer(told)
      ? { caller: name, verdict: told.verdict.kind, reason: told.verdict.reason }
      : { caller: name, verdict: 'unknown', reason: `${told.reason}. ${told.remedy}` };
  });
  return answer({ callers: found, more: Math.max(0, names.length - CALLERS) } satisfies CallersDocument);
}

/** An address of nobody's network (RFC 5737). */
const OUTSIDE = { name: 'outside the mesh', caller: callerName('192.0.2.1', 'default') };
