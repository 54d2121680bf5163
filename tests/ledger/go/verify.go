// Checks an export, a receipt and proofs with golang.org/x/mod/sumdb, which knows nothing of us.
//
//	verify export FOLDER VKEY WITNESS EARLIER   every entry and the continuation of EARLIER
//	verify receipt FILE VKEY ENTRY              a .tlog-proof for an entry given in hex
//	verify proofs FILE                          lines "r index size root leaf proof" and "t ..."
//	verify sign SKEY FILE                       signs the text of FILE, as a log would
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	err := errors.New("no such command")
	switch args := os.Args[2:]; os.Args[1] {
	case "export":
		err = checkExport(args[0], args[1], args[2], args[3])
	case "receipt":
		err = checkReceipt(args[0], args[1], args[2])
	case "proofs":
		err = checkProofs(args[0])
	case "sign":
		err = sign(args[0], args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// open verifies a checkpoint. tlog.ParseTree knows only Go's own three-line header, so the
// body of a C2SP checkpoint is parsed here.
func open(data []byte, keys ...note.Verifier) (tlog.Tree, error) {
	opened, err := note.Open(data, note.VerifierList(keys...))
	if err != nil {
		return tlog.Tree{}, err
	}
	if len(opened.Sigs) != len(keys) {
		return tlog.Tree{}, fmt.Errorf("signed by %d of %d keys", len(opened.Sigs), len(keys))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != keys[0].Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}

// A witness verifies cosignatures of type 0x04, which package note does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }
func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	signed := append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", at)), msg...)
	return ed25519.Verify(w.key, signed, sig[8:])
}

func newWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	hash, err1 := strconv.ParseUint(parts[1], 16, 32)
	key, err2 := base64.StdEncoding.DecodeString(parts[2])
	if err1 != nil || err2 != nil || len(key) != 33 || key[0] != 4 {
		return nil, errors.New("not a witness key")
	}
	return witness{parts[0], uint32(hash), key[1:]}, nil
}

// tiles reads the tiles of an export: Go's tile/8/L/N is tile/L/N here.
type tiles struct{ folder string }

func (t tiles) Height() int                     { return 8 }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range wanted {
		data, err := os.ReadFile(filepath.Join(t.folder, path(tile)))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func path(tile tlog.Tile) string {
	return strings.Replace(strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1), "tile/8/", "tile/", 1)
}

// entries reads the bundles of an export: tlog calls them the tiles of level -1.
func entries(folder string, size int64) ([][]byte, error) {
	var found [][]byte
	for at := int64(0); at < size; at += 256 {
		tile := tlog.Tile{H: 8, L: -1, N: at / 256, W: 256}
		if size-at < 256 {
			tile.W = int(size - at)
		}
		data, err := os.ReadFile(filepath.Join(folder, path(tile)))
		if err != nil {
			return nil, err
		}
		for i := 0; i < tile.W; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s is cut short", path(tile))
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			found = append(found, data[2:end])
			data = data[end:]
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s has trailing bytes", path(tile))
		}
	}
	return found, nil
}

func checkExport(folder, vkey, witnessKey, earlier string) error {
	log, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	seen, err := newWitness(witnessKey)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(filepath.Join(folder, "checkpoint"))
	if err != nil {
		return err
	}
	tree, err := open(data, log, seen)
	if err != nil {
		return err
	}
	all, err := entries(folder, tree.N)
	if err != nil {
		return err
	}
	reader := tlog.TileHashReader(tree, tiles{folder})
	for i, entry := range all {
		proof, err := tlog.ProveRecord(tree.N, int64(i), reader)
		if err != nil {
			return fmt.Errorf("entry %d: %v", i, err)
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, int64(i), tlog.RecordHash(entry)); err != nil {
			return fmt.Errorf("entry %d: %v", i, err)
		}
	}
	if data, err = os.ReadFile(earlier); err != nil {
		return err
	}
	old, err := open(data, log)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(tree.N, old.N, reader)
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, tree.N, tree.Hash, old.N, old.Hash); err != nil {
		return err
	}
	fmt.Printf("%d entries, continuing %d\n", len(all), old.N)
	return nil
}

func checkReceipt(file, vkey, entry string) error {
	log, err := note.NewVerifier(vkey)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	i := bytes.Index(data, []byte("\n\n"))
	if i < 0 {
		return errors.New("no checkpoint")
	}
	lines := strings.Split(string(data[:i]), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("not a receipt")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return err
	}
	proof, err := hashes(lines[1:])
	if err != nil {
		return err
	}
	tree, err := open(data[i+2:], log)
	if err != nil {
		return err
	}
	leaf, err := hex.DecodeString(entry)
	if err != nil {
		return err
	}
	if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf)); err != nil {
		return err
	}
	fmt.Printf("entry %d of %d\n", index, tree.N)
	return nil
}

func checkProofs(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	records, trees := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		field := strings.Fields(line)
		small, err1 := strconv.ParseInt(field[1], 10, 64)
		size, err2 := strconv.ParseInt(field[2], 10, 64)
		found, err3 := hashes(field[3:])
		if err1 != nil || err2 != nil || err3 != nil {
			return errors.New("malformed line")
		}
		root, other, proof := found[0], found[1], found[2:]
		if field[0] == "r" {
			err, records = tlog.CheckRecord(proof, size, root, small, other), records+1
		} else {
			err, trees = tlog.CheckTree(proof, size, root, small, other), trees+1
		}
		if err != nil {
			return fmt.Errorf("%s %d %d: %v", field[0], small, size, err)
		}
	}
	fmt.Printf("%d records, %d trees\n", records, trees)
	return nil
}

func hashes(texts []string) ([]tlog.Hash, error) {
	var found []tlog.Hash
	for _, text := range texts {
		hash, err := tlog.ParseHash(text)
		if err != nil {
			return nil, err
		}
		found = append(found, hash)
	}
	return found, nil
}

func sign(skey, file string) error {
	signer, err := note.NewSigner(skey)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	signed, err := note.Sign(&note.Note{Text: string(text)}, signer)
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(signed)
	return err
}
