/** The service that decides, by either protocol. */
import type { AuthzService } from '@weft/core/proxy-config';
import type { FilterParts } from '../index.ts';
import { GrpcAuthz } from './grpc-client.ts';
import { HttpAuthz } from './http-client.ts';
import type { AuthzClient } from './verdict.ts';

export const authzClient = (service: AuthzService, parts: FilterParts): AuthzClient =>
  service.kind === 'grpc' ? new GrpcAuthz(service.service, parts) : new HttpAuthz(service, parts);
