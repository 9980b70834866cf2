const ALPHABET = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** Order numbers are read out on the phone: no 0/O, no 1/I, and a check letter at the end. */
export function createOrderNumbers({ random = Math.random } = {}) {
  return () => {
    let body = '';
    for (let i = 0; i < 8; i += 1) body += ALPHABET[Math.floor(random() * ALPHABET.length)];
    return `${body}${checkLetter(body)}`;
  };
}

export function checkLetter(body) {
  let sum = 0;
  for (const [i, letter] of [...body].entries()) sum += (i + 2) * ALPHABET.indexOf(letter);
  return ALPHABET[sum % ALPHABET.length];
}
