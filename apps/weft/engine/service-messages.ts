/**
 * The messages of services for the engine, loaded when its configuration first has a filter that asks one: a thread that only serves
 * needs no tables.
 */
import { createRequire } from 'node:module';
import type { ServiceMessages } from '@weft/core/services';

type Services = typeof import('@weft/envoy/services');

const load = createRequire(import.meta.url);

export const serviceMessages = (): ServiceMessages => (load('@weft/envoy/services') as Services).serviceMessages;
