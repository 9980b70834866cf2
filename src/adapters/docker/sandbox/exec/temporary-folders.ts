/**
 * Shell text for the commands' user when nothing of it runs: folders that their owner has closed to itself are opened first.
 * The two folders themselves are mounts and stay, which `rm` calls a failure. Paths longer than the system takes are cut
 * into pieces that each fit: whole folders from far down are put at the top, until there are none. Names may have 255 bytes,
 * so what is 15 deep is always within reach; mostly what is much deeper is, too.
 */
export const emptyTemporaryFolders = `
for folder in /tmp /dev/shm; do
  chmod -R u+rwx "$folder"; rm -rf "$folder"
  rounds=0
  for depth in 150 15; do
    while [ "$rounds" -lt 2000 ] && [ -n "$(find "$folder" -mindepth "$depth" -maxdepth "$depth" -type d | head -n 1)" ]; do
      rounds=$((rounds + 1))
      find "$folder" -mindepth "$depth" -maxdepth "$depth" -type d -exec /bin/sh -c \\
        'for one; do n=$((n + 1)); mv "$one" "$0/.cut-$$-$n"; done' "$folder" {} +
      chmod -R u+rwx "$folder"; rm -rf "$folder"
    done
  done
  chmod 755 "$folder"
done 2>/dev/null
for folder in /tmp /dev/shm; do [ "$(ls -A "$folder" && echo .)" = . ] || exit 1; done`;
