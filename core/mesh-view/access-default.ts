/** Mesh.spec.access: what holds for workloads that no ALLOW policy is about. */
import { formatPath } from '../resources/index.ts';
import type { MeshRow } from './rows.ts';

export interface AccessDefault {
  /** What nothing allows is refused. */
  readonly denies: boolean;
  /** Who says so: `Mesh/NAME#spec.access...`. */
  readonly source: string;
}

export function accessDefault(
  { access, accessIn, source }: Pick<MeshRow, 'access' | 'accessIn' | 'source'>,
  namespace: string,
): AccessDefault {
  const own = Object.hasOwn(accessIn, namespace) ? accessIn[namespace] : undefined;
  return own === undefined
    ? { denies: access === 'deny', source: `${source}#spec.access.default` }
    : {
        denies: own === 'deny',
        source: `${source}#${formatPath(['spec', 'access', 'namespaces', namespace, 'default'])}`,
      };
}
