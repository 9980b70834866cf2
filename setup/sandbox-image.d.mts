/** An image that code which nobody trusts runs in, or that stands beside it. */
export type ImageKind = 'node' | 'python' | 'go' | 'java' | 'postgres' | 'redis';
export const imageKinds: readonly ImageKind[];
/** What every image is built from, and its build context. */
export const imagesFolder: string;
/** Everything that goes into the image is in its name. */
export function imageName(kind: ImageKind): string;
/** The base that is made where no registry answers. */
export function baseImageName(kind: ImageKind): string;
/** The image that this checkout builds and runs agents' commands in; `SANDBOX_IMAGE` overrides it. */
export const sandboxImage: string;
/** The image that this checkout builds and tries indexes in. */
export const postgresImage: string;
