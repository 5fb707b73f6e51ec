/** Entry of the thread that makes one plan (plan-work.ts). */
import { parentPort } from 'node:worker_threads';
import { accountsIn, planOf } from '@weft/compile/answers';
import type { StoredObject } from '@weft/core/resources';
import { objectChanges, planText, withObjects, worldOf } from '../answers/planned.ts';
import type { PlanMade, ToPlan } from './plan-work.ts';

const port = parentPort;
if (port === null) throw new Error('this module is the entry of a thread');
const known: StoredObject[] = [];
port.on('message', (message: ToPlan) => {
  if (message.kind === 'known') known.push(...message.objects);
  else port.postMessage(made(message.files));
});

function made(files: readonly StoredObject[]): PlanMade {
  const changed = withObjects(known, files);
  const callers = [...accountsIn(known), ...accountsIn(changed)];
  const plan = planOf(worldOf(known, true, callers), worldOf(changed, true, callers));
  const objects = objectChanges(known, files);
  return { text: planText(objects, plan), objects, breaks: plan.broken.length > 0 };
}
