# golf-pack sweep: coarser steps take fewer bytes and have a larger error; no artifact is written; the picture.
. "$CLI_TESTS/lib.sh"
mkdir empty && cd empty
# Columns that fall or rise from row to row.
monotone() { awk 'NR > 2 { gsub(",", ""); if (NR > 3 && ($1 <= l || $2 >= b || $6 <= e)) bad = 1; l = $1; b = $2; e = $6; n++ } END { print n, "points,", bad ? "disordered" : "bytes fall, errors rise" }'; }
golf-pack sweep ../tiny.safetensors --codec golf:1 >sweep.txt
head -n 1 sweep.txt
awk '/[0-9]/ { print "step scale " $1 }' sweep.txt
sed '1i\\' sweep.txt | monotone
golf-pack sweep ../tiny.safetensors --num-points 3 --min-step 0.1 --max-step 0.4 --codec golf:1 --recipe ecsq --calibration ../calibration.safetensors | sed '1i\\' | monotone
golf-pack sweep ../tiny.safetensors --num-points 2 --codec golf:1 --json --budget 1MB | grep -E '"(schema|limit_bytes|code_bytes|step_scale)"'
golf-pack sweep ../tiny.safetensors --num-points 3 --codec golf:1 --code ../shard.bin --svg a.svg >/dev/null
golf-pack sweep ../tiny.safetensors --num-points 3 --codec golf:1 --code ../shard.bin --svg - --threads 1 2>text >b.svg
cmp a.svg b.svg && echo "same picture on standard output"
head -n 1 text
echo "points drawn: $(grep -c '<circle' a.svg)"
grep -o 'budget [0-9,]* bytes →' a.svg
if command -v python3 >/dev/null; then python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("a.svg")'; fi && echo "well-formed"
rm sweep.txt a.svg b.svg text
ls
try golf-pack sweep ../tiny.safetensors --recipe pr192
try golf-pack sweep ../tiny.safetensors --min-step 1 --max-step 0.5
try golf-pack sweep ../tiny.safetensors --num-points 1
golf-pack ../tiny.safetensors --recipe baseline-int8 -o t.golf --quiet
try golf-pack sweep t.golf
echo "with a calibration that has gradients:"
echo "a predicted gap for $(golf-pack sweep ../tiny.safetensors --num-points 3 --codec golf:1 --calibration ../statistics.safetensors --json --quiet | grep -c '"predicted_gap_bpb": [0-9.e-]*') of 3 points"
