/** `/weft/v1/plan`: "what if?", the answer of `weft plan` to YAML that somebody pastes into the dashboard. It reads; nothing is written. */
import { accountsIn, planOf } from '@weft/compile/answers';
import {
  type Answer,
  answer,
  badRequest,
  type Call,
  type ExtraRoute,
  hasRole,
  readText,
  refuse,
} from '@weft/control/api';
import type { Plane } from '@weft/control/plane';
import type { PlanDocument } from '@weft/core/documents';
import { formatDiagnostic, hasErrors } from '@weft/core/kernel';
import { readObjects } from '@weft/core/resources/text';
import { storedObjects } from '../answers/objects.ts';
import { objectChanges, planText, withObjects, worldOf } from '../answers/planned.ts';

/** Objects of a mesh that is small enough to be asked about beside everything else that this process does. */
const MOST = 2000;
const PLACE = 'pasted';

export const planPages = (plane: Plane): ExtraRoute[] => [
  {
    method: 'POST',
    path: '/weft/v1/plan',
    allowed: (user) => hasRole(user, 'view'),
    run: (call) => planned(plane, call),
  },
];

async function planned(plane: Plane, { request }: Call): Promise<Answer> {
  const text = await readText(request);
  if (!text.ok) return refuse(text.error);
  const known = [...plane.objects.objects];
  if (known.length > MOST)
    return refuse(
      badRequest(`the mesh has more than ${MOST} objects: ask with weft plan -f FILE, which takes its time elsewhere`),
    );
  const read = readObjects(text.value, PLACE);
  if (hasErrors(read.diagnostics)) return refuse(badRequest(read.diagnostics.map(formatDiagnostic).join('\n')));
  const files = storedObjects(read.objects);
  if (files.length === 0) return refuse(badRequest('there is no object in it: paste what weft apply -f would get'));
  const changed = withObjects(known, files);
  const callers = [...accountsIn(known), ...accountsIn(changed)];
  const made = planOf(worldOf(known, true, callers), worldOf(changed, true, callers));
  const objects = objectChanges(known, files);
  return answer({
    text: planText(objects, made),
    objects,
    breaks: made.broken.length > 0,
    warnings: read.diagnostics.map(formatDiagnostic),
  } satisfies PlanDocument);
}
