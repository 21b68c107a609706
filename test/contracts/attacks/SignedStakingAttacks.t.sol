// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IDelegations as D} from "../../../contracts/interfaces/IDelegations.sol";
import {IOperators as O} from "../../../contracts/interfaces/IOperators.sol";
import {IProvisions as P} from "../../../contracts/interfaces/IProvisions.sol";
import {ISigned} from "../../../contracts/interfaces/ISigned.sol";
import {Receiver} from "../support/HostileTokens.sol";
import {StakingFixture} from "../support/StakingFixture.sol";

/// What owners of operators sign. Numbered like the list of attacks in docs/contracts.md.
contract SignedStakingAttacksTest is StakingFixture {
    // --- 1, 2: signed actions ---

    function test_attack01_aSignedActionCountsOnceHereAndOnlyInTime() public {
        bytes32 typehash = keccak256(
            "SetKeys(uint32 id,address node,address payee,uint256 nonce,uint40 deadline)"
        );
        uint40 deadline = uint40(block.timestamp) + 100;
        bytes32 hash = keccak256(abi.encode(typehash, id, bob, carol, uint256(0), deadline));
        bytes memory sig = signature(malloryKey, digest(address(staking), hash));
        bytes memory bad = abi.encodeWithSelector(ISigned.BadSignature.selector, mallory);

        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, alice, deadline, sig); // other arguments
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline + 1, sig); // another deadline
        uint256 chainId = block.chainid;
        vm.chainId(1);
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline, sig); // another chain
        vm.chainId(chainId);
        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ISigned.SignatureExpired.selector, deadline));
        staking.setKeysFor(id, bob, carol, deadline, sig);
        vm.warp(deadline);
        staking.setKeysFor(id, bob, carol, deadline, sig);
        eq(staking.operator(id).payee, carol, "done");
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline, sig); // again
        vm.expectRevert(abi.encodeWithSelector(O.UnknownOperator.selector, 9));
        staking.setKeysFor(9, bob, carol, deadline, sig);
        bytes memory elsewhere = signature(malloryKey, digest(address(services), hash));
        vm.expectRevert(bad);
        staking.setKeysFor(id, bob, carol, deadline, elsewhere); // another contract
    }

    function test_attack01_noActionWithoutTheSignersSignature() public {
        uint40 end = type(uint40).max;
        bytes memory sig = signature(carolKey, keccak256("something else"));
        bytes[9] memory calls = [
            abi.encodeCall(O.createOperatorFor, (alice, bob, carol, address(0), end, sig)),
            abi.encodeCall(P.stakeFor, (alice, id, 0, 70, end, sig)),
            abi.encodeCall(D.delegateFor, (alice, id, 0, 50, 1, end, sig)),
            abi.encodeCall(D.undelegateFor, (alice, id, 0, 50, end, sig)),
            abi.encodeCall(O.setKeysFor, (id, bob, carol, end, sig)),
            abi.encodeCall(O.setFeeRegistryFor, (id, carol, end, sig)),
            abi.encodeCall(P.thawFor, (id, 0, 1, end, sig)),
            abi.encodeCall(P.setTermsFor, (id, 0, 600, 100, end, sig)),
            abi.encodeCall(P.setAdjudicatorFor, (id, 0, carol, true, end, sig))
        ];
        delegate(alice, 50);
        for (uint256 i = 0; i < calls.length; ++i) {
            address signer = i < 4 ? alice : mallory;
            (bool works, bytes memory answer) = address(staking).call(calls[i]);
            ok(!works, "refused");
            bytes memory bad = abi.encodeWithSelector(ISigned.BadSignature.selector, signer);
            eq(keccak256(answer), keccak256(bad), "for the signature");
        }
    }

    function test_attack10_aContractMayOwnAnOperatorAndSign() public {
        Receiver safe = new Receiver(); // says yes to everything
        id = staking.createOperatorFor(address(safe), bob, bob, address(0), type(uint40).max, "");
        eq(staking.operator(id).owner, address(safe), "by ERC-1271");
        vm.expectRevert(abi.encodeWithSelector(ISigned.BadSignature.selector, address(0)));
        staking.createOperatorFor(address(0), bob, bob, address(0), type(uint40).max, "");
    }

    function digest(address verifying, bytes32 structHash) private view returns (bytes32) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256(
                    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
                ),
                keccak256("Teahouse OperatorStaking"),
                keccak256("1"),
                block.chainid,
                verifying
            )
        );
        return keccak256(abi.encodePacked("\x19\x01", domain, structHash));
    }
}
