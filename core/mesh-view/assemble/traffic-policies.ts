/** TrafficPolicies by what they target. */
import { objectName, SECTIONS, type TrafficPolicy } from '../../resources/index.ts';
import type { TrafficConf } from '../conf.ts';
import type { TrafficPolicyRow } from '../rows.ts';
import type { PolicyKind } from './attached.ts';
import { keyOf } from './objects.ts';

export const TRAFFIC_POLICIES: PolicyKind<TrafficPolicy, TrafficPolicyRow> = {
  name: 'traffic-policy',

  rowOf: (policy) => ({
    key: keyOf(policy),
    conf: confOf(policy),
    source: `${objectName('TrafficPolicy', policy.metadata.namespace, policy.metadata.name)}#spec`,
  }),

  /** Sections that an older policy states for the same target. */
  conflicts: (older, row, path) =>
    SECTIONS.flatMap((section) => {
      const winner =
        row.conf[section] === undefined ? undefined : older.find(({ conf }) => conf[section] !== undefined);
      if (winner === undefined) return [];
      return [
        {
          reason: 'Conflicted',
          path: `spec.${section}`,
          message: `an older policy says the same section for ${path}: ${winner.source}.${section}`,
          remedy: 'merge the two policies',
        },
      ];
    }),
};

const confOf = ({ spec }: TrafficPolicy): TrafficConf =>
  Object.fromEntries(SECTIONS.map((section) => [section, spec[section]]));
