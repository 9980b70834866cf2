import { WarroomError } from '../errors.ts';

/** More files or bytes than a sandbox takes. */
export class WorkspaceTooLarge extends WarroomError {
  readonly code = 'workspace_too_large';
}

/** A folder or a file that no workspace takes; the same again will not be taken either. */
export class WorkspaceUnfit extends WarroomError {
  readonly code = 'workspace_unfit';
}

/** Mounting, or what needs it, does not work here. */
export class WorkspaceBroken extends WarroomError {
  readonly code = 'workspace_broken';
}

export function tooMuchChanged(most: { files: number; bytes: number }): WorkspaceTooLarge {
  return new WorkspaceTooLarge(
    `Commands changed more than ${most.files} files or ${most.bytes} bytes.`,
    'Nothing was brought out. Let the command write less, or clean up before it ends.',
  );
}

export function tooMuchToCompare(): WorkspaceTooLarge {
  return new WorkspaceTooLarge(
    'Commands wrote anew, in the same size, more bytes of files than can be compared with what they were.',
    'Nothing was brought out. Let the command leave large files alone.',
  );
}

export function tooMuchForSandbox(cause?: unknown): WorkspaceTooLarge {
  return new WorkspaceTooLarge(
    'The files do not fit into the sandbox.',
    'Raise the limits of the sandbox, or leave generated files out of the repository.',
    { cause },
  );
}

export function oddEntry(path: string): WorkspaceUnfit {
  return new WorkspaceUnfit(
    `The folder for the sandbox has more than files, folders and links in it${path === '' ? '' : `: ${JSON.stringify(path)}`}.`,
    'Devices, pipes, sockets and files with several names cannot be handed over; check the folder out anew.',
  );
}
