// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRedEnvelope as I} from "../../../contracts/interfaces/IRedEnvelope.sol";
import {ISemaphoreVerifier} from "../../../contracts/interfaces/ISemaphoreVerifier.sol";
import {GateFixture} from "../support/EnvelopeFixture.sol";
import {SemaphoreProofs} from "../support/SemaphoreProofs.sol";

/// Real proofs against the real verifier. Numbered like the list of attacks in docs/contracts.md.
contract GateAttacksTest is GateFixture {
    uint256 private constant BASE_FIELD =
        21888242871839275222246405745257275088696311157297823662689037894645226208583;

    ISemaphoreVerifier private verifier;
    I.Terms private t;
    bytes32 private id;

    function setUp() public override {
        super.setUp();
        verifier = envelopes.verifier();
        t = provenTerms();
        id = createEnvelope(t);
    }

    function bobsInputs() private view returns (uint256[4] memory) {
        return [uint256(t.root), SemaphoreProofs.BOBS_NULLIFIER, toField(uint160(bob)), toField(uint256(id))];
    }

    function bobClaims(uint256[8] memory proof) private {
        envelopes.claimGatedShare(t, bob, SemaphoreProofs.BOBS_NULLIFIER, proof);
    }

    function test_membersClaimAnEqualShareEach() public {
        bobClaims(SemaphoreProofs.bobs());
        envelopes.claimGatedShare(t, carol, SemaphoreProofs.CAROLS_NULLIFIER, SemaphoreProofs.carols());
        eq(envelopes.envelope(id).left, 100, "two of three are gone");
        vm.warp(t.expiry);
        eq(envelopes.refund(t), 100, "the third comes back");
    }

    function test_attack17_publicInputsAtOrAboveTheFieldsOrder() public view {
        ok(verifier.verify(SemaphoreProofs.bobs(), bobsInputs()), "as it is");
        for (uint256 i = 0; i < 4; ++i) {
            uint256[4] memory inputs = bobsInputs();
            inputs[i] += FIELD; // the same to the circuit, another nullifier to the contract
            ok(!verifier.verify(SemaphoreProofs.bobs(), inputs), "refused");
            inputs[i] = bobsInputs()[i] ^ 1;
            ok(!verifier.verify(SemaphoreProofs.bobs(), inputs), "nor any other value");
        }
    }

    function test_attack17_theSameNullifierInAnotherForm() public {
        bobClaims(SemaphoreProofs.bobs());
        uint256 alias_ = SemaphoreProofs.BOBS_NULLIFIER + FIELD;
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, id));
        envelopes.claimGatedShare(t, bob, alias_, SemaphoreProofs.bobs());
    }

    function refused(uint256[8] memory proof) private {
        ok(!verifier.verify(proof, bobsInputs()), "not a proof");
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, id));
        bobClaims(proof);
    }

    function test_attack17_malformedPoints() public {
        uint256[8] memory p = SemaphoreProofs.bobs();
        refused([p[0], p[1], p[3], p[2], p[5], p[4], p[6], p[7]]); // the parts of G2 as snarkjs has them
        refused([p[6], p[7], p[2], p[3], p[4], p[5], p[0], p[1]]); // A and C swapped
        refused([p[0], BASE_FIELD - p[1], p[2], p[3], p[4], p[5], p[6], p[7]]); // -A
        refused([p[0], p[1] + 1, p[2], p[3], p[4], p[5], p[6], p[7]]); // off the curve
        refused([p[0], p[1], p[2], p[3], p[4], p[5] + 1, p[6], p[7]]);
        refused([p[0], p[1], p[2], p[3], p[4], p[5], p[6], p[7] + 1]);
        refused([uint256(0), 0, p[2], p[3], p[4], p[5], p[6], p[7]]); // infinity
        refused([uint256(0), BASE_FIELD, p[2], p[3], p[4], p[5], p[6], p[7]]); // in another form
        refused([p[0], p[1], uint256(0), 0, 0, 0, p[6], p[7]]);
        refused([p[0], p[1], p[2], p[3], p[4], p[5], uint256(0), 0]);
        refused([uint256(0), 0, 0, 0, 0, 0, 0, 0]);
    }

    /// One point has one form: a coordinate with the base field's order added is refused.
    function test_attack17_coordinatesNotBelowTheBaseField() public {
        for (uint256 i = 0; i < 8; ++i) {
            uint256[8] memory p = SemaphoreProofs.bobs();
            p[i] += BASE_FIELD;
            refused(p);
        }
    }

    function testFuzz_attack17_noOtherNumbersAreAProof(uint256[8] calldata proof) public view {
        ok(!verifier.verify(proof, bobsInputs()), "refused");
    }

    function testFuzz_attack17_noOtherBitIsAProof(uint256 bit) public view {
        uint256[8] memory p = SemaphoreProofs.bobs();
        p[(bit >> 8) % 8] ^= 1 << (bit % 256);
        ok(!verifier.verify(p, bobsInputs()), "refused");
    }

    /// Groth16 proofs can be changed into others of the same statement, here (-A, -B, C). That gains nothing: the nullifier
    /// and the recipient are part of the statement.
    function test_attack17_malleatedProofGainsNothing() public {
        uint256[8] memory p = SemaphoreProofs.bobs();
        uint256[8] memory other = [
            p[0],
            BASE_FIELD - p[1],
            p[2],
            p[3],
            BASE_FIELD - p[4],
            BASE_FIELD - p[5],
            p[6],
            p[7]
        ];
        ok(verifier.verify(other, bobsInputs()), "another proof of the same");
        vm.prank(mallory);
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, id));
        envelopes.claimGatedShare(t, mallory, SemaphoreProofs.BOBS_NULLIFIER, other);
        bobClaims(p);
        vm.expectRevert(abi.encodeWithSelector(I.NullifierUsed.selector, id, SemaphoreProofs.BOBS_NULLIFIER));
        bobClaims(other);
    }

    function test_attack18_proofIsBoundToRecipientEnvelopeAndGroup() public {
        uint256[8] memory p = SemaphoreProofs.bobs();
        vm.prank(mallory); // has seen bob's claim on its way
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, id));
        envelopes.claimGatedShare(t, mallory, SemaphoreProofs.BOBS_NULLIFIER, p);
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, id));
        envelopes.claimGatedShare(t, bob, SemaphoreProofs.CAROLS_NULLIFIER, p);

        I.Terms memory second = t;
        second.salt = "second";
        bytes32 secondId = createEnvelope(second);
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, secondId));
        envelopes.claimGatedShare(second, bob, SemaphoreProofs.BOBS_NULLIFIER, p);

        I.Terms memory others = t;
        others.root = bytes32(uint256(t.root) - 1);
        bytes32 othersId = createEnvelope(others);
        vm.expectRevert(abi.encodeWithSelector(I.InvalidProof.selector, othersId));
        envelopes.claimGatedShare(others, bob, SemaphoreProofs.BOBS_NULLIFIER, p);
        bobClaims(p);
    }
}
