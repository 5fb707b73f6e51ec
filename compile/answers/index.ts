/** Questions about a mesh, answered by what its proxies would get and run: explain and policy tests, on files and on a mesh that runs. */
export { explain, isAnswer } from './explain.ts';
export { percent } from './onward.ts';
export type * from './explanation.ts';
export { GET_ROOT, OUTSIDER, type Caller, type Question, type StatedRequest } from './question.ts';
export { remedyOf, type Remedy } from './remedy.ts';
export { accountsIn, populate, runsAs, type Populated } from './stand-ins.ts';
export { World } from './world.ts';
export { differences, POLICY_TEST, type Difference, type PolicyCase, type PolicyTest } from './expectation.ts';
export { contradictedInvariants } from './contradicted.ts';
export { modeAt } from './modes.ts';
export { brokenInvariants } from './invariants.ts';
export type { CallChange } from './change.ts';
export { planOf, type Plan } from './plan.ts';
export {
  callerKeyOf,
  compareHappened,
  type Difference as SeenDifference,
  type Happened,
  type Seen,
  type SeenPlan,
  questionOf,
} from './happened.ts';
export { analyse } from './analyse.ts';
