/** What assembling says about objects: conditions for their status, and the same as findings for `check`. */
import type { Diagnostic } from '../../kernel/index.ts';
import type { AncestorRef, Condition, ParentRef } from '../../resources/index.ts';
import { objectName, type StoredObject } from '../../resources/index.ts';

/** A condition without its time: whoever writes the status knows when it changed. */
export type ConditionDraft = Omit<Condition, 'lastTransitionTime'>;

export interface ParentStatus {
  readonly parentRef: ParentRef;
  readonly conditions: readonly ConditionDraft[];
}

/** Gateway API ListenerStatus, without times. */
export interface ListenerDraftStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly ConditionDraft[];
}

/** `Programmed` is not among the conditions: only the proxies' answers tell; a Gateway that nobody serves has it as False. */
export interface ObjectStatus {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** Of the object; for routes empty, theirs stand by parent. */
  readonly conditions: readonly ConditionDraft[];
  readonly parents: readonly ParentStatus[];
  /** Everything wrong with the object. */
  readonly findings: readonly Diagnostic[];
  /** Of a policy of Gateway API: what it is about. */
  readonly ancestors?: readonly AncestorRef[];
  /** Of a Gateway: where its processes listen. */
  readonly addresses?: readonly string[];
  readonly listeners?: readonly ListenerDraftStatus[];
  readonly attachedListenerSets?: number;
}

/** A finding about a field of an object; `reason` is the condition's, e.g. `BackendNotFound`. */
export interface Fault {
  readonly reason: string;
  readonly path: string;
  readonly message: string;
  readonly remedy?: string | undefined;
}

/** Type and the reason it has when nothing is wrong. */
const GOOD = { Accepted: 'Accepted', ResolvedRefs: 'ResolvedRefs' } as const;

/** `type` is True without faults; else False for the first fault's reason, with the messages of all. */
export function condition(type: keyof typeof GOOD, generation: number, faults: readonly Fault[]): ConditionDraft {
  const [first] = faults;
  return {
    type,
    status: first === undefined ? 'True' : 'False',
    reason: first?.reason ?? GOOD[type],
    message: faults.map(({ path, message }) => `${path}: ${message}`).join('; '),
    observedGeneration: generation,
  };
}

/** Beside Accepted=True: parts of the object have no effect because an older object says something about the same. */
export const conflicted = (generation: number, faults: readonly Fault[]): ConditionDraft => ({
  type: 'Conflicted',
  status: 'True',
  reason: faults[0]?.reason ?? 'Conflicted',
  message: faults.map(({ path, message }) => `${path}: ${message}`).join('; '),
  observedGeneration: generation,
});

/** `BackendNotFound` -> `backend-not-found` */
const code = (reason: string): string => reason.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();

export const finding = (object: StoredObject, fault: Fault): Diagnostic => ({
  severity: 'error',
  code: code(fault.reason),
  message: fault.message,
  place: { object: objectName(object.kind, object.metadata.namespace, object.metadata.name), path: fault.path },
  remedy: fault.remedy,
});

export const statusOf = (
  object: StoredObject,
  conditions: readonly ConditionDraft[],
  parents: readonly ParentStatus[],
  faults: readonly Fault[],
): ObjectStatus => ({
  apiVersion: object.apiVersion,
  kind: object.kind,
  namespace: object.metadata.namespace,
  name: object.metadata.name,
  conditions,
  parents,
  findings: faults.map((fault) => finding(object, fault)),
});
