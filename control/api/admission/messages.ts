/** EnginePatches hold messages of Envoy's, which core/resources does not know: what is wrong with them by its tables. */
import type { Diagnostic } from '@weft/core/kernel';
import { objectName, type StoredObject } from '@weft/core/resources';
import { patchFaults } from '@weft/envoy/patch';

export const messageFaults = ({ kind, metadata: { namespace, name }, spec }: StoredObject): readonly Diagnostic[] =>
  kind !== 'EnginePatch'
    ? []
    : patchFaults(spec).map((fault) => ({
        ...fault,
        place: { ...fault.place, object: objectName(kind, namespace, name) },
      }));
