/** Folder with the Dockerfile. */
export const sandboxImageFolder: string;
/** The image that this checkout builds and runs agents' commands in; `SANDBOX_IMAGE` overrides it. */
export const sandboxImage: string;
/** Folder with the Dockerfile. */
export const postgresImageFolder: string;
/** The image that this checkout builds and tries indexes in. */
export const postgresImage: string;
