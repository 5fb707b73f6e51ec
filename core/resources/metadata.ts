/** meta.v1.ObjectMeta as users and Kubernetes' tools write it. */
import { labelKey, labelValue } from './schema/formats.ts';
import type { Complete } from './schema/schema.ts';
import { any, array, integer, map, object, optional, string, unsupported } from './schema/schema.ts';

/** Kubernetes: all annotations of an object together. */
export const MAX_ANNOTATION_CHARACTERS = 262_144;

const written = 'Written by the API; what a user writes here has no effect.';

export const metadata = object(
  {
    name: optional(
      string({ maxLength: 253 }),
      'The object’s name, unique among its kind in its namespace. May not change.',
    ),
    namespace: optional(
      string({ maxLength: 63 }),
      'The namespace. Absent: the one the request or `-n` names, else `default`. Not for cluster-scoped kinds.',
    ),
    labels: optional(
      map(string({ format: labelValue, minLength: 0 }), { keys: labelKey, maxEntries: 256 }),
      'Words to select objects by.',
    ),
    annotations: optional(
      map(string({ minLength: 0, maxLength: MAX_ANNOTATION_CHARACTERS }), { keys: labelKey, maxEntries: 1024 }),
      'Notes of tools and people; no effect in the mesh. At most 256 KiB together.',
    ),
    resourceVersion: optional(
      string({ minLength: 0, maxLength: 32 }),
      'The revision an update was made from; it is refused when the object has changed since. Absent: no such check.',
    ),
    uid: optional(string({ minLength: 0, maxLength: 64 }), written),
    generation: optional(integer(0, Number.MAX_SAFE_INTEGER), written),
    creationTimestamp: optional(string({ maxLength: 64 }), written),
    deletionTimestamp: optional(string({ maxLength: 64 }), written),
    deletionGracePeriodSeconds: optional(integer(0, Number.MAX_SAFE_INTEGER), written),
    selfLink: optional(string({ minLength: 0 }), written),
    managedFields: optional(array(any(), { maxItems: 1024 }), written),
    generateName: unsupported('names are given by their authors'),
    finalizers: unsupported('nothing waits for a deletion'),
    ownerReferences: unsupported('objects are deleted one by one'),
  },
  ({ annotations }, report) => {
    let sum = 0;
    for (const [key, value] of Object.entries(annotations ?? {})) sum += key.length + value.length;
    if (sum > MAX_ANNOTATION_CHARACTERS) {
      report(
        ['annotations'],
        'too-long',
        `at most ${MAX_ANNOTATION_CHARACTERS} characters are allowed together, found ${sum}`,
      );
    }
  },
);

export type WrittenMetadata = Complete<typeof metadata>;
