/** Objects for tests, from the YAML a user would write, through the same door as `apply`. */
import { formatDiagnostic } from '../../kernel/index.ts';
import type { StoredObject } from '../../resources/index.ts';
import { readObjects } from '../../resources/text/index.ts';
import type { Proxy } from '../proxy.ts';

/**
 * The objects of a YAML text, stored in the order they stand: each a second younger than the one before, or as old as its annotation
 * `created` says. Throws on any finding of severity error.
 */
export function objectsFrom(yaml: string): StoredObject[] {
  const { objects, diagnostics } = readObjects(yaml, 'test.yaml');
  const faults = diagnostics.filter(({ severity }) => severity === 'error');
  if (faults.length > 0) throw new Error(faults.map(formatDiagnostic).join('\n'));
  const admitted = objects.flatMap(({ object }) => object ?? []);
  return admitted.map((object, index) => {
    const { annotations } = object.metadata;
    const stamp = annotations['created'] ?? `2026-01-01T00:${two(Math.floor(index / 60))}:${two(index % 60)}Z`;
    return {
      ...object,
      metadata: {
        ...object.metadata,
        uid: `uid-${index}`,
        resourceVersion: '1',
        generation: 1,
        creationTimestamp: stamp,
      },
    };
  });
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A sidecar of one workload, `namespace/name`. */
export const sidecarOf = (workload: string, changes: Partial<Proxy> = {}): Proxy => ({
  id: workload,
  role: 'sidecar',
  engine: { name: 'weft', version: '0.1.0', features: [] },
  mesh: 'default',
  workloads: [workload],
  network: '',
  locality: { region: '', zone: '', subZone: '' },
  upstreams: [],
  httpProxyPort: 0,
  gateway: '',
  ...changes,
});
