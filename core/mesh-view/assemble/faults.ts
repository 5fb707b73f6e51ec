/** Faults by what they target. */
import { parseDuration } from '../../kernel/index.ts';
import { type Fault, type FaultEntry, objectName } from '../../resources/index.ts';
import { callersKey } from '../callers.ts';
import type { FaultEntryRow, FaultRow } from '../policy-rows.ts';
import { type PolicyKind, wholeConflicts } from './attached.ts';
import { headerMatches } from './http-route.ts';
import { keyOf } from './objects.ts';
import { shareOf } from './share.ts';

export const FAULTS: PolicyKind<Fault, FaultRow> = {
  name: 'fault',
  conflicts: wholeConflicts,
  rowOf: (policy) => {
    const source = objectName('Fault', policy.metadata.namespace, policy.metadata.name);
    return {
      key: keyOf(policy),
      faults: policy.spec.faults.map((entry, index) => ({
        from: entry.from === undefined ? undefined : callersKey(entry.from, policy.metadata.namespace),
        ...entryRow(entry, `${source}#spec.faults[${index}]`),
      })),
      source: `${source}#spec`,
    };
  },
};

const entryRow = ({ headers, delay, abort, bandwidth }: FaultEntry, source: string): Omit<FaultEntryRow, 'from'> => ({
  headers: headerMatches(headers ?? []),
  delay: delay === undefined ? undefined : { duration: parseDuration(delay.duration) ?? 0, share: shareOf(delay) },
  abort:
    abort === undefined
      ? undefined
      : {
          kind: abort.grpcStatus === undefined ? 'http' : 'grpc',
          status: abort.grpcStatus ?? abort.httpStatus ?? 503,
          share: shareOf(abort),
        },
  bandwidth: bandwidth === undefined ? undefined : { rate: bandwidth.kibibytesPerSecond, share: shareOf(bandwidth) },
  source,
});
