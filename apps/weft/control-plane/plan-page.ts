/** `/weft/v1/plan`: "what if?", the answer of `weft plan` to YAML that somebody pastes into the dashboard. It reads; nothing is written. */
import {
  type Answer,
  answer,
  badRequest,
  type Call,
  type ExtraRoute,
  hasRole,
  readText,
  refuse,
  tooManyRequests,
  unavailable,
} from '@weft/control/api';
import type { Plane } from '@weft/control/plane';
import type { PlanDocument } from '@weft/core/documents';
import { formatDiagnostic, hasErrors } from '@weft/core/kernel';
import { readObjects } from '@weft/core/resources/text';
import { storedObjects } from '../answers/objects.ts';
import { planElsewhere } from './plan-work.ts';

/** Objects of a mesh that a plan may take the memory for. */
const MOST = 50_000;
/** Plans that are made at once. */
const AT_ONCE = 2;
const PLACE = 'pasted';

export function planPages(plane: Plane): ExtraRoute[] {
  let making = 0;
  return [
    {
      method: 'POST',
      path: '/weft/v1/plan',
      allowed: (user) => hasRole(user, 'view'),
      run: async (call) => {
        if (making >= AT_ONCE) return refuse(tooManyRequests(`${AT_ONCE} plans are being made: try again in a while`));
        making += 1;
        try {
          return await planned(plane, call);
        } finally {
          making -= 1;
        }
      },
    },
  ];
}

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
  const made = await planElsewhere(known, files).catch((error: unknown) =>
    error instanceof Error ? error.message : String(error),
  );
  if (typeof made === 'string')
    return refuse(unavailable(`there is no plan: ${made}; ask with weft plan -f FILE, which takes its time elsewhere`));
  return answer({
    ...made,
    warnings: read.diagnostics.map(formatDiagnostic),
  } satisfies PlanDocument);
}
