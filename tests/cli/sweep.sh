# golf-pack sweep: coarser levels take fewer bytes and err more; nothing is written.
. "$CLI_TESTS/lib.sh"
mkdir empty && cd empty
# Columns that fall or rise from row to row.
monotone() { awk 'NR > 2 { gsub(",", ""); if (NR > 3 && ($1 <= l || $2 >= b || $6 <= e)) bad = 1; l = $1; b = $2; e = $6; n++ } END { print n, "levels,", bad ? "disordered" : "bytes fall, errors rise" }'; }
golf-pack sweep ../tiny.safetensors --codec golf:1 >sweep.txt
head -n 1 sweep.txt
awk '/[0-9]/ { print $1 }' sweep.txt
sed '1i\\' sweep.txt | monotone
golf-pack sweep ../tiny.safetensors --points 3 --finest 0.1 --coarsest 0.4 --codec golf:1 --recipe ecsq --calibration ../calibration.safetensors | sed '1i\\' | monotone
golf-pack sweep ../tiny.safetensors --points 2 --codec golf:1 --json --budget 1MB | grep -E '"(schema|limit_bytes|code_bytes|level)"'
rm sweep.txt
ls
try golf-pack sweep ../tiny.safetensors --recipe pr192
try golf-pack sweep ../tiny.safetensors --finest 1 --coarsest 0.5
try golf-pack sweep ../tiny.safetensors --points 1
golf-pack ../tiny.safetensors -o t.golf --quiet
try golf-pack sweep t.golf
