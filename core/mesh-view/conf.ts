/**
 * What a TrafficPolicy (and Mesh.spec.defaults) says: the sections as the schema completes them, durations as checked GEP-2257 text.
 * A section counts as a whole: its fields have defaults, so sections of two policies never mix.
 */
import type { TrafficSettings } from '../resources/index.ts';

export type TrafficConf = TrafficSettings;
export type Section = keyof TrafficConf;
