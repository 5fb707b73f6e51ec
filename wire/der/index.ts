/** DER (X.690) as far as certificates need it: bytes <-> values, no cryptography. */
export * from './certificate.ts';
export * from './read.ts';
export * from './request.ts';
export * from './write.ts';
