/** What is said about a route, parent by parent (Gateway API, RouteParentStatus). */
import type { StoredObject } from '../../resources/index.ts';
import type { Attachment } from './parents.ts';
import { condition, conflicted, statusOf, type Fault, type ObjectStatus, type ParentStatus } from './status.ts';

export interface Outcome {
  readonly attachments: readonly Attachment[];
  readonly rejections: readonly Fault[];
  readonly brokenRefs: readonly Fault[];
}

/** What became of one attachment among the other routes. */
export interface AttachmentOutcome {
  /** Parts of the route that an older one overrules. */
  readonly conflicts: readonly Fault[];
  /** The attachment was given up as a whole. */
  readonly refused: readonly Fault[];
}

export function routeStatus(
  route: StoredObject,
  { attachments, rejections, brokenRefs }: Outcome,
  outcomeOf: (attachment: Attachment) => AttachmentOutcome,
): ObjectStatus {
  const { generation } = route.metadata;
  const others = new Map<string, Fault>();
  const parents = attachments.map((attachment): ParentStatus => {
    const { conflicts, refused } = outcomeOf(attachment);
    for (const fault of [...conflicts, ...refused]) others.set(fault.path, fault);
    return {
      parentRef: attachment.parentRef,
      conditions: [
        condition('Accepted', generation, [...attachment.faults, ...refused, ...rejections]),
        condition('ResolvedRefs', generation, brokenRefs),
        ...(conflicts.length > 0 ? [conflicted(generation, conflicts)] : []),
      ],
    };
  });
  const faults = [
    ...attachments.flatMap((attachment) => attachment.faults),
    ...rejections,
    ...brokenRefs,
    ...others.values(),
  ];
  return statusOf(route, [], parents, faults);
}
