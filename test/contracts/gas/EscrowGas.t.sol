// SPDX-License-Identifier: Apache-2.0 OR MIT
pragma solidity ^0.8.28;

import {IEscrow} from "../../../contracts/interfaces/IEscrow.sol";
import {GasFixture} from "../support/GasFixture.sol";
import {ObedientEvaluator} from "../support/HostileEvaluators.sol";

contract EscrowGasTest is GasFixture {
    uint40 private constant DEADLINE = type(uint40).max;

    function signedAct(
        uint256 key,
        IEscrow.Act act,
        bytes32 id,
        uint256 value
    ) private view returns (bytes memory) {
        return signature(key, escrow.actDigest(act, id, value, DEADLINE));
    }

    function plain() private view returns (IEscrow.Terms memory t) {
        t = terms();
        t.appFeeBps = 0;
    }

    function test_gas_plain() public {
        IEscrow.Terms memory t = plain();
        vm.prank(alice);
        escrow.fund(t);
        snap("Escrow", "fund");
        vm.prank(alice);
        escrow.release(t);
        snap("Escrow", "release");
        t.details = "refunded";
        fundDeal(t);
        vm.prank(bob);
        escrow.refund(t);
        snap("Escrow", "refund");
        t.details = "expired";
        fundDeal(t);
        vm.warp(uint256(t.deliverBy) + t.disputeWindow + 1);
        vm.prank(bob);
        escrow.expire(t);
        snap("Escrow", "expire");
        t = terms();
        t.details = "app fee";
        fundDeal(t);
        vm.prank(alice);
        escrow.releasePart(t, 30 * TEA);
        snap("Escrow", "releasePart, app fee");
        vm.prank(alice);
        escrow.release(t);
        snap("Escrow", "release, app fee");
    }

    function test_gas_relayed() public {
        IEscrow.Terms memory t = plain();
        bytes memory signed = signature(aliceKey, escrow.fundingDigest(t, DEADLINE));
        vm.prank(mallory);
        bytes32 id = escrow.fundFor(t, DEADLINE, signed);
        snap("Escrow", "fundFor");
        signed = signedAct(aliceKey, IEscrow.Act.Release, id, 0);
        vm.prank(mallory);
        escrow.releaseFor(t, DEADLINE, signed);
        snap("Escrow", "releaseFor");
        t.details = "settled";
        id = fundDeal(t);
        signed = signedAct(aliceKey, IEscrow.Act.Settlement, id, 30 * TEA);
        bytes memory bobs = signedAct(bobKey, IEscrow.Act.Settlement, id, 30 * TEA);
        vm.prank(mallory);
        escrow.settle(t, 30 * TEA, DEADLINE, signed, bobs);
        snap("Escrow", "settle, both signed");
    }

    function test_gas_disputes() public {
        IEscrow.Terms memory t = plain();
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        snap("Escrow", "dispute");
        vm.prank(carol);
        escrow.rule(t, 30 * TEA);
        snap("Escrow", "rule");
        t.bond = 8 * TEA;
        t.details = "bonds";
        fundDeal(t);
        vm.prank(alice);
        escrow.dispute(t);
        snap("Escrow", "dispute, bonds");
        vm.prank(bob);
        escrow.answer(t);
        snap("Escrow", "answer");
        vm.prank(carol);
        escrow.rule(t, 30 * TEA);
        snap("Escrow", "rule, bonds");
    }

    function test_gas_evaluated() public {
        IEscrow.Terms memory t = plain();
        t.evaluator = address(new ObedientEvaluator());
        t.collateral = 40 * TEA;
        vm.prank(alice);
        escrow.fund(t);
        snap("Escrow", "fund, collateral and evaluator");
        vm.prank(bob);
        escrow.accept(t);
        snap("Escrow", "accept");
        escrow.evaluate(t, abi.encode(30 * TEA, false));
        snap("Escrow", "evaluate, a part");
        escrow.evaluate(t, abi.encode(60 * TEA, true));
        snap("Escrow", "evaluate, final");
    }
}
