import { describe, expect, it } from 'vitest';
import { type InventedSystem, investigateSystem } from './invented-system.ts';

/* Radio: tuner → mixer. Go. */
const mixer = `package mixer

func Mix(name string) (*Track, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return decode(file)
}
`;

describe('a radio that the engine has never seen', () => {
  it('ties growing descriptors to the commit that no longer closes files', async () => {
    const system: InventedSystem = {
      // The release forgot a few things that somebody still asks for: that is not the story.
      request: (n, broken) =>
        broken && n % 80 === 0
          ? { service: 'mixer', operation: 'Find', status: 404 }
          : { service: 'tuner', operation: 'Play', calls: [{ service: 'mixer', operation: 'Mix' }] },
      alert: { service: 'mixer', name: 'DescriptorsGrow', expression: 'process_open_fds > 300' },
      gauges: {
        mixer: {
          process_open_fds: (since) => (since < 0 ? 40 : 40 + since * 25),
          process_resident_memory_bytes: () => 6e7,
        },
        tuner: { process_open_fds: () => 38, process_resident_memory_bytes: () => 5e7 },
      },
      services: {
        tuner: {
          dependsOn: ['mixer'],
          commits: [{ subject: 'Tuner', files: { 'tuner.go': 'package tuner\n' }, minutesAgo: 500 }],
        },
        mixer: {
          dependsOn: [],
          commits: [
            {
              subject: 'Mixer',
              files: { 'mixer.go': mixer, 'gain.go': 'package mixer\n\nconst Gain = 3\n' },
              minutesAgo: 900,
            },
            {
              subject: 'Less gain',
              files: { 'gain.go': 'package mixer\n\nconst Gain = 2\n' },
              minutesAgo: 90,
            },
            {
              subject: 'Simplify Mix',
              files: { 'mixer.go': mixer.replace('\tdefer file.Close()\n', '') },
              minutesAgo: 55,
            },
            {
              subject: 'Say what gain is',
              files: { 'gain.go': 'package mixer\n\n// Gain in decibels.\nconst Gain = 2\n' },
              minutesAgo: 5,
            },
          ],
        },
      },
    };

    const { decision, shas, survey } = await investigateSystem(system);

    expect(survey.find((one) => one.service === 'tuner')?.role).toBe('neighbour');
    expect(decision.service).toBe('mixer');
    expect(decision.commit?.sha).toBe(shas['mixer']?.[2]);
    expect(decision.statement).toMatch(/^mixer leaks file descriptors \(process_open_fds/);
  });
});
