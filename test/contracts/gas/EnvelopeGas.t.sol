// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IRedEnvelope} from "../../../contracts/interfaces/IRedEnvelope.sol";
import {ISemaphoreVerifier} from "../../../contracts/interfaces/ISemaphoreVerifier.sol";
import {ITokenCustody} from "../../../contracts/interfaces/ITokenCustody.sol";
import {EnvelopeFixture, GateFixture} from "../support/EnvelopeFixture.sol";
import {SemaphoreProofs} from "../support/SemaphoreProofs.sol";

/// Whole transactions of an envelope of ten shares; somebody else's is in the contract already.
contract EnvelopeGasTest is EnvelopeFixture {
    IRedEnvelope.Share[] private shares;
    IRedEnvelope.Terms private t;

    function setUp() public override {
        super.setUp();
        IRedEnvelope.Terms memory other = termsOf(sharesOf(3));
        other.creator = carol;
        createEnvelope(other);
        IRedEnvelope.Share[] memory ten = sharesOf(10);
        for (uint256 i = 0; i < ten.length; ++i) shares.push(ten[i]);
        t = termsOf(ten);
    }

    function snap(string memory name) private {
        vm.snapshotGasLastCall("RedEnvelope", name);
    }

    function test_gas_envelope() public {
        createEnvelope(t);
        snap("create");
        claimFor(t, shares, 3, bob);
        claimFor(t, shares, 4, bob);
        snap("claim");
        claimFor(t, shares, 5, address(0x5555));
        snap("claim, recipient new to the token");
        vm.warp(t.expiry);
        vm.prank(alice);
        envelopes.refund(t);
        snap("refund");
    }

    function test_gas_claimOfTheLastOf128() public {
        IRedEnvelope.Share[] memory many = sharesOf(128);
        IRedEnvelope.Terms memory big = termsOf(many);
        createEnvelope(big);
        claimFor(big, many, 127, bob);
        snap("claim, of 128 shares");
    }

    function test_gas_relayed() public {
        uint40 deadline = uint40(block.timestamp);
        bytes memory sig = signature(aliceKey, envelopes.createDigest(t, deadline));
        vm.prank(mallory);
        envelopes.createFor(t, deadline, sig);
        snap("create, relayed");

        IRedEnvelope.Terms memory second = t;
        second.salt = "second";
        sig = signature(aliceKey, envelopes.createDigest(second, deadline));
        vm.prank(alice);
        token.approve(address(envelopes), 0);
        (uint8 v, bytes32 r, bytes32 s) = signPermit(aliceKey, address(envelopes), t.amount);
        bytes[] memory calls = new bytes[](2);
        calls[0] = abi.encodeCall(ITokenCustody.tryPermitFor, (alice, t.amount, deadline, v, r, s));
        calls[1] = abi.encodeCall(IRedEnvelope.createFor, (second, deadline, sig));
        vm.prank(mallory);
        envelopes.multicall(calls);
        snap("create, relayed with a permit");
    }
}

contract GateGasTest is GateFixture {
    function test_gas_gated() public {
        IRedEnvelope.Terms memory t = provenTerms();
        IRedEnvelope.Terms memory other = gatedTerms(2);
        createEnvelope(other);
        createEnvelope(t);
        vm.snapshotGasLastCall("RedEnvelope", "create, gated");
        envelopes.claimGatedShare(t, bob, SemaphoreProofs.BOBS_NULLIFIER, SemaphoreProofs.bobs());
        envelopes.claimGatedShare(t, carol, SemaphoreProofs.CAROLS_NULLIFIER, SemaphoreProofs.carols());
        vm.snapshotGasLastCall("RedEnvelope", "claim, gated");
    }

    /// The check alone, called by a contract: no transaction around it.
    function test_gas_proof() public {
        uint256 message = toField(uint160(bob));
        uint256 scope = toField(uint256(SemaphoreProofs.ENVELOPE));
        uint256[4] memory inputs = [SemaphoreProofs.ROOT, SemaphoreProofs.BOBS_NULLIFIER, message, scope];
        uint256 gas = this.measure(SemaphoreProofs.bobs(), inputs);
        vm.snapshotValue("SemaphoreVerifier", "verify", gas);
    }

    function measure(
        uint256[8] calldata proof,
        uint256[4] calldata inputs
    ) external view returns (uint256 gas) {
        ISemaphoreVerifier verifier = envelopes.verifier();
        gas = gasleft();
        bool valid = verifier.verify(proof, inputs);
        gas -= gasleft();
        ok(valid, "a good proof");
    }
}
